using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>What a process can say about itself.</summary>
/// <param name="Program">The program's name; in one process several parts may have different ones.</param>
public sealed record ThisProcess(string Program)
{
    /// <summary>Which process this is.</summary>
    public ProcessInfo Describe() => new(Program, Environment.ProcessId);

    /// <summary>Which thread runs this.</summary>
    public ThreadStep DescribeThread()
    {
        return new ThreadStep(
            Program, Environment.ProcessId, Environment.CurrentManagedThreadId, Thread.CurrentThread.Name ?? "");
    }
}
