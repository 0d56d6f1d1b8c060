namespace Multiprocess;

/// <summary>One call that a thread is in the middle of: it waits for its answer, or runs it for a peer.</summary>
/// <param name="Peer">Who is at the other end.</param>
/// <param name="Request">The number of the call on its connection, as the side counts that made it: both sides' logs have it.</param>
/// <param name="Method">The contract's full name, a dot, and the method's name.</param>
/// <param name="IsOutgoing">True where this side waits for <paramref name="Peer"/>; false where it runs the call for it.</param>
/// <param name="Age">How long it has been under way; null where nobody wanted to know when it began, see <see cref="IpcConnectionOptions.SlowCallWarning"/>.</param>
public sealed record IpcCallStep(IpcPeer Peer, long Request, string Method, bool IsOutgoing, TimeSpan? Age)
{
    /// <summary>For example <c>waits for #12 IWallet.Send of process 4712 of user 1000 (10.2 s)</c>.</summary>
    public override string ToString()
        => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{(IsOutgoing ? "waits for" : "runs")} #{Request} {Method} {(IsOutgoing ? "of" : "for")} {Peer.Description}{(Age is { } age ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" ({age.TotalSeconds:0.0##} s)") : string.Empty)}");
}
