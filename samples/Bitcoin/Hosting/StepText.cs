using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Hosting;

/// <summary>What happened, for people.</summary>
public static class StepText
{
    /// <summary>A thread for people.</summary>
    public static string Format(ThreadStep step)
    {
        return $"{IpcText.Escape(step.Program)} {step.ProcessId}, thread {step.ThreadId} \"{IpcText.Escape(step.ThreadName)}\"";
    }
}
