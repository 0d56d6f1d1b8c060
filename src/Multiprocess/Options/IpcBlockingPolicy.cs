namespace Multiprocess;

/// <summary>What happens to a synchronous call from a thread that has a <see cref="SynchronizationContext"/>, such as a user interface's.</summary>
/// <remarks>
/// Such a call is correct, also where the other side calls back: the callback runs on the thread that waits. But nothing
/// else runs there meanwhile, and a method that waits for something else of that thread's never ends.
/// Asynchronous and one-way calls hold nobody up and are always allowed, and so is a proxy's bounded <c>Dispose</c>.
/// </remarks>
public enum IpcBlockingPolicy
{
    /// <summary>The call is made. The default.</summary>
    Allow,

    /// <summary>The call is made, and a warning names the method and the context.</summary>
    Warn,

    /// <summary>The call throws <see cref="InvalidOperationException"/>; nothing is sent.</summary>
    Throw,
}
