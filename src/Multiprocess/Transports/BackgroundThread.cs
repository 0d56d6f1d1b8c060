namespace Multiprocess.Transports;

/// <summary>Starts the runtime's own threads. The system may give none: there are limits on threads, and a thread takes descriptors and memory.</summary>
internal static class BackgroundThread
{
    /// <summary>For tests: which threads, by name, the system does not give.</summary>
    public static Func<string, bool>? Refuses { get; set; }

    /// <summary>Starts a background thread that this process needs, whoever its peers are.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no thread.</exception>
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
            // The library's own message does not say of what.
            throw new OutOfMemoryException($"The system gave no thread for '{name}'. It takes memory and descriptors, and their number is limited.", exception);
        }

        return thread;
    }

    /// <summary>Starts a background thread that a peer has asked for, by connecting or by calling; not from what is kept for the runtime.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no thread, or has few left.</exception>
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
