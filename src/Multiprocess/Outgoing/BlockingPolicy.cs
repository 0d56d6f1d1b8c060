using Multiprocess.Calls;
using Multiprocess.Logging;

namespace Multiprocess.Outgoing;

/// <summary>Checks a synchronous call against the policy for threads that have a synchronization context.</summary>
internal static class BlockingPolicy
{
    /// <exception cref="InvalidOperationException">The policy forbids the call on this thread.</exception>
    public static void Apply(CallChannel channel, string method)
    {
        // The base class itself means the thread pool, as in the base library.
        if (SynchronizationContext.Current is not { } context || context.GetType() == typeof(SynchronizationContext))
        {
            return;
        }

        string type = context.GetType().FullName!;
        if (channel.Options.BlockingCalls == IpcBlockingPolicy.Throw)
        {
            throw new InvalidOperationException(
                $"{method} would block this thread, which has a {type}, until the other process answers. Call it on another thread, use an asynchronous method, or set {nameof(IpcConnectionOptions.BlockingCalls)} to {nameof(IpcBlockingPolicy.Allow)}.");
        }

        IpcLog.ContextBlocked(channel.Logger, method, type);
    }
}
