using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>
/// Starts the library's own threads. The system may refuse: the number of threads is limited, and a thread takes
/// descriptors and memory.
/// </summary>
internal static class BackgroundThread
{
    // How long after a refusal the system is asked first.
    private const long AskingMilliseconds = 10_000;

    // One start at a time, so that two refusals do not meet.
    private static readonly Lock s_lock = new();

    // Guarded by the lock.
    private static long s_refused = long.MinValue / 2;

    /// <summary>For tests: decides by name which threads cannot be started.</summary>
    public static Func<string, bool>? Refuses { get; set; }

    /// <summary>Starts a background thread that this process needs independently of its peers.</summary>
    /// <remarks>
    /// For a thread that cannot be started, the runtime throws one exception object that all its threads share. When
    /// two threads throw it at the same moment, such as this one and the thread pool, the runtime can end the process
    /// ("Out of memory." or "Internal CLR error."). So threads start one after the other, and for a while after a
    /// refusal the system is asked first, and this class throws an exception of its own.
    /// </remarks>
    /// <exception cref="OutOfMemoryException">The system provides no thread.</exception>
    public static Thread Start(ThreadStart body, string name, int stackBytes = 0)
    {
        if (Refuses is { } refuses && refuses(name))
        {
            throw new OutOfMemoryException("The test gives no thread.");
        }

        Thread thread = new(body, stackBytes) { IsBackground = true, Name = name };
        using (Uninterruptible.Enter(s_lock))
        {
            if (Environment.TickCount64 - s_refused < AskingMilliseconds && !NativeThreads.CanStart())
            {
                throw Refused(name, null);
            }

            try
            {
                thread.UnsafeStart();
            }
            catch (OutOfMemoryException exception)
            {
                s_refused = Environment.TickCount64;
                throw Refused(name, exception);
            }
        }

        return thread;
    }

    // The base library's message does not say which thread it is.
    private static OutOfMemoryException Refused(string name, Exception? cause)
        => new(
            $"The system provides no thread for '{name}'. It takes memory and descriptors, and their number is limited.",
            cause);

    /// <summary>
    /// Runs a function on a separate thread, for callers that must not block.
    /// <see cref="TaskCreationOptions.LongRunning"/> is not used: it throws a <see cref="TaskSchedulerException"/> when
    /// the system provides no thread. <see cref="Task.RunSynchronously()"/> is not used: on a small stack it moves the
    /// function to the thread pool.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The system provides no thread; the function does not run.</exception>
    public static Task<T> Run<T>(
        Func<T> body, string name, int stackBytes = 0, CancellationToken cancellationToken = default)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Start(
            () =>
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    completion.SetResult(body());
                }
                catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
                {
                    completion.SetCanceled(exception.CancellationToken);
                }
                catch (Exception exception)
                {
                    completion.SetException(exception);
                }
            },
            name,
            stackBytes);
        return completion.Task;
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
