namespace Multiprocess.Transports;

/// <summary>Gives work to the framework's thread pool, also when the system has no threads left.</summary>
/// <remarks>
/// The pool queues the work first and may then start a thread, on the calling thread. If the system refuses that
/// thread, the pool throws, but a thread that it has runs the work later (<see cref="Connections.EarlyThreads"/>). So
/// the exception says nothing that the caller must know. Thread-safe.
/// </remarks>
internal static class FrameworkPool
{
    /// <summary>Queues a work item.</summary>
    public static void Queue(IThreadPoolWorkItem item)
    {
        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            // The item is in the queue.
        }
    }

    /// <summary>Queues a function.</summary>
    public static void Queue<T>(Action<T> work, T state)
    {
        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, state, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            // The function is in the queue.
        }
    }
}
