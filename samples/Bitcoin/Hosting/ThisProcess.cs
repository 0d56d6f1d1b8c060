using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>Describes this process.</summary>
/// <param name="Program">The program's name; in one process several parts may have different names.</param>
public sealed record ThisProcess(string Program)
{
    /// <summary>This process.</summary>
    public ProcessInfo Describe() => new(Program, Environment.ProcessId);

    /// <summary>The current thread.</summary>
    public ThreadStep DescribeThread()
    {
        return new ThreadStep(
            Program, Environment.ProcessId, Environment.CurrentManagedThreadId, Thread.CurrentThread.Name ?? "");
    }
}
