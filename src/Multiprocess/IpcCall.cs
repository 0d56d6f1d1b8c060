using Multiprocess.Calls;

namespace Multiprocess;

/// <summary>The call that runs now, seen from inside the method.</summary>
public static class IpcCall
{
    private static readonly AsyncLocal<IpcCallContext?> s_asynchronous = new();

    /// <summary>
    /// The peer and the cancellation of the innermost call that this thread, or this asynchronous flow, runs for a peer;
    /// null outside any.
    /// </summary>
    public static IpcCallContext? Current
    {
        get
        {
            RunningCall? running = RunningCall.Innermost;
            return running is null ? s_asynchronous.Value : running.Context ??= running.ContextFactory!(running);
        }
    }

    /// <summary>Makes the context flow with an asynchronous method, and returns the one that flowed before.</summary>
    internal static IpcCallContext? Flow(IpcCallContext? context)
    {
        IpcCallContext? before = s_asynchronous.Value;
        s_asynchronous.Value = context;
        return before;
    }
}
