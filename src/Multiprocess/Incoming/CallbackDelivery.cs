namespace Multiprocess.Incoming;

/// <summary>Runs calls of the peer where the options want them: on a synchronization context, or by a task scheduler.</summary>
internal static class CallbackDelivery
{
    public static bool IsWanted(IpcConnectionOptions options) => options.CallbackContext is not null || options.CallbackScheduler is not null;

    /// <summary>Runs <paramref name="call"/> there and waits for its end.</summary>
    /// <exception cref="Exception">The context or scheduler takes nothing any more; the call did not run.</exception>
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

    /// <summary>Has <paramref name="call"/> run there, after those that were posted before, if the context keeps order.</summary>
    /// <exception cref="Exception">The context or scheduler takes nothing any more; the call will not run.</exception>
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
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.CallbackScheduler!);
}
