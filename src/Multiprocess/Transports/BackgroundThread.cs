namespace Multiprocess.Transports;

/// <summary>Starts the runtime's own threads. The system may give none: there are limits on threads, and a thread takes descriptors and memory.</summary>
internal static class BackgroundThread
{
    /// <summary>For tests: which threads, by name, the system does not give.</summary>
    public static Func<string, bool>? Refuses { get; set; }

    /// <summary>Starts a background thread.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no thread.</exception>
    public static Thread Start(ThreadStart body, string name, int stackBytes = 0)
    {
        if (Refuses is { } refuses && refuses(name))
        {
            throw new OutOfMemoryException("The test gives no thread.");
        }

        Thread thread = new(body, stackBytes) { IsBackground = true, Name = name };
        thread.UnsafeStart();
        return thread;
    }
}
