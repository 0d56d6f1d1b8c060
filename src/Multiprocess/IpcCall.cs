using Multiprocess.Incoming;

namespace Multiprocess;

/// <summary>The current incoming call, seen from inside the called method.</summary>
public static class IpcCall
{
    private static readonly AsyncLocal<IpcCallContext?> s_asynchronous = new();

    /// <summary>
    /// The context of the innermost call that this thread, or this asynchronous flow, runs for a peer; null outside a
    /// call.
    /// </summary>
    public static IpcCallContext? Current
    {
        get
        {
            AcceptedCall? running = AcceptedCall.Innermost;
            return running is null ? s_asynchronous.Value : running.Context;
        }
    }

    /// <summary>Sets the context that flows with an asynchronous method, and returns the previous one.</summary>
    internal static IpcCallContext? Flow(IpcCallContext? context)
    {
        IpcCallContext? before = s_asynchronous.Value;
        s_asynchronous.Value = context;
        return before;
    }
}
