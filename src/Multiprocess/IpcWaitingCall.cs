namespace Multiprocess;

/// <summary>A call of this side that is not answered yet, for finding out who waits for whom.</summary>
/// <param name="Request">The number of the call on its connection; the other side's log has the same.</param>
/// <param name="Method">The contract's full name, a dot, and the method's name.</param>
/// <param name="Thread">Name and number of the thread that waits; null for an asynchronous call, for which none does.</param>
/// <param name="Age">How long it has waited; null where nobody wanted to know when it began, see <see cref="IpcConnectionOptions.SlowCallWarning"/>.</param>
/// <param name="Stack">
/// The calls that this thread is in the middle of, outermost first, over all connections of this process. What stands
/// before this call is why it was made; what stands behind it is what the other side asked for meanwhile. An
/// asynchronous call has itself here and, before it, the call of a peer in which it was made.
/// </param>
public sealed record IpcWaitingCall(long Request, string Method, string? Thread, TimeSpan? Age, IReadOnlyList<IpcCallStep> Stack)
{
    /// <summary>The thread and its calls, on one line.</summary>
    public override string ToString() => $"{Thread ?? "asynchronous"}: {string.Join(" → ", Stack)}";
}
