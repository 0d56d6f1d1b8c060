namespace Multiprocess;

/// <summary>An unanswered call of this side, to find out which call waits for which process.</summary>
/// <param name="Request">The number of the call on its connection. The other side's log shows the same number.</param>
/// <param name="Method">The contract's full name, a dot, and the method's name.</param>
/// <param name="Thread">
/// Name and number of the waiting thread; null for an asynchronous call, for which no thread waits.
/// </param>
/// <param name="Age">
/// How long the call has waited; null when start times are not recorded, see
/// <see cref="IpcConnectionOptions.SlowCallWarning"/>.
/// </param>
/// <param name="Stack">
/// The calls in progress on this thread, outermost first, over all connections of this process. Entries before this
/// call show why it was made. Entries after this call were requested by the other side meanwhile. For an asynchronous
/// call, the list contains the call itself and, before it, the peer's call in which it was made.
/// </param>
public sealed record IpcWaitingCall(
    long Request,
    string Method,
    string? Thread,
    TimeSpan? Age,
    IReadOnlyList<IpcCallStep> Stack)
{
    /// <summary>The thread and its calls, on one line.</summary>
    public override string ToString() => $"{Thread ?? "asynchronous"}: {string.Join(" → ", Stack)}";
}
