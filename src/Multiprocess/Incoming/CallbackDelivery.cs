namespace Multiprocess.Incoming;

/// <summary>Runs calls of the peer on the synchronization context or task scheduler given in the options.</summary>
internal static class CallbackDelivery
{
    public static bool IsWanted(IpcConnectionOptions options)
        => options.CallbackContext is not null || options.CallbackScheduler is not null;

    /// <summary>Runs <paramref name="call"/> there and waits until it has ended.</summary>
    /// <exception cref="Exception">The context or scheduler accepts no more work; the call did not run.</exception>
    public static void Send(IpcConnectionOptions options, Action call)
    {
        if (options.CallbackContext is { } context)
        {
            context.Send(static state => ((Action)state!)(), call);
        }
        else
        {
            Start(options, call).GetAwaiter().GetResult();
        }
    }

    /// <summary>
    /// Queues <paramref name="call"/> there, after the calls posted before it if the context keeps order.
    /// </summary>
    /// <exception cref="Exception">The context or scheduler accepts no more work; the call will not run.</exception>
    public static void Post(IpcConnectionOptions options, Action call)
    {
        if (options.CallbackContext is { } context)
        {
            context.Post(static state => ((Action)state!)(), call);
        }
        else
        {
            _ = Start(options, call);
        }
    }

    private static Task Start(IpcConnectionOptions options, Action call)
        => Task.Factory.StartNew(
            call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.CallbackScheduler!);
}
