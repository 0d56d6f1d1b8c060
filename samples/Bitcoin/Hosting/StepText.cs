using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>A thread's step as text for people.</summary>
public static class StepText
{
    /// <summary>Describes the thread.</summary>
    public static string Format(ThreadStep step)
    {
        return
            $"{LineText.Escape(step.Program)} {step.ProcessId}, thread {step.ThreadId} \"{LineText.Escape(step.ThreadName)}\"";
    }
}
