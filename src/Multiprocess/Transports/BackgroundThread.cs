namespace Multiprocess.Transports;

/// <summary>
/// Starts the library's own threads. The system may refuse: the number of threads is limited, and a thread takes
/// descriptors and memory.
/// </summary>
internal static class BackgroundThread
{
    /// <summary>For tests: decides by name which threads cannot be started.</summary>
    public static Func<string, bool>? Refuses { get; set; }

    /// <summary>Starts a background thread that this process needs independently of its peers.</summary>
    /// <exception cref="OutOfMemoryException">The system provides no thread.</exception>
    public static Thread Start(ThreadStart body, string name, int stackBytes = 0)
    {
        if (Refuses is { } refuses && refuses(name))
        {
            throw new OutOfMemoryException("The test gives no thread.");
        }

        Thread thread = new(body, stackBytes) { IsBackground = true, Name = name };
        try
        {
            thread.UnsafeStart();
        }
        catch (OutOfMemoryException exception)
        {
            // The base library's message does not say which thread.
            throw new OutOfMemoryException(
                $"The system provides no thread for '{name}'. It takes memory and descriptors, and their number is "
                    + "limited.",
                exception);
        }

        return thread;
    }

    /// <summary>
    /// Runs a function on a separate thread, for callers that must not block.
    /// <see cref="TaskCreationOptions.LongRunning"/> is not used: it throws a <see cref="TaskSchedulerException"/> when
    /// the system provides no thread.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The system provides no thread; the function does not run.</exception>
    public static Task<T> Run<T>(
        Func<T> body, string name, int stackBytes = 0, CancellationToken cancellationToken = default)
    {
        var task = new Task<T>(body, cancellationToken, TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Start(
            () =>
            {
                try
                {
                    task.RunSynchronously(TaskScheduler.Default);
                }
                catch (InvalidOperationException) when (task.IsCanceled)
                {
                    // Cancelled before it began.
                }
            },
            name,
            stackBytes);
        return task;
    }

    /// <summary>
    /// Starts a background thread that a peer caused, by connecting or by calling. Does not use the room reserved for
    /// the runtime.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The system provides no thread, or has few left.</exception>
    public static void StartForPeer(ThreadStart body, string name, int stackBytes = 0)
        => ThreadRoom.Enter(
            stackBytes,
            () => Start(
                () =>
                {
                    try
                    {
                        body();
                    }
                    finally
                    {
                        ThreadRoom.Leave();
                    }
                },
                name,
                stackBytes));
}
