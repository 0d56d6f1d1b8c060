using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>What happened, for people.</summary>
public static class StepText
{
    /// <summary>A thread for people.</summary>
    public static string Format(ThreadStep step)
    {
        return $"{LineText.Escape(step.Program)} {step.ProcessId}, thread {step.ThreadId} \"{LineText.Escape(step.ThreadName)}\"";
    }
}
