namespace Multiprocess;

/// <summary>
/// What happens to a synchronous call from a thread with a <see cref="SynchronizationContext"/>, such as a user
/// interface thread.
/// </summary>
/// <remarks>
/// Such a call works, even when the peer calls back: the callback runs on the waiting thread. But the thread does
/// nothing else meanwhile, and a method that waits for other work of that thread never ends. Asynchronous calls,
/// one-way calls and a proxy's <c>Dispose</c> (which has a timeout) are always allowed.
/// </remarks>
public enum IpcBlockingPolicy
{
    /// <summary>The call is made. This is the default.</summary>
    Allow,

    /// <summary>The call is made, and a logged warning names the method and the context.</summary>
    Warn,

    /// <summary>The call throws <see cref="InvalidOperationException"/>. Nothing is sent.</summary>
    Throw,
}
