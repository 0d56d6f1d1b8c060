using System.Globalization;

namespace Multiprocess;

/// <summary>One call in progress on a thread: the thread waits for its answer, or runs it for a peer.</summary>
/// <param name="Peer">The process at the other end of the call.</param>
/// <param name="Request">
/// The number of the call on its connection, assigned by the calling side. The logs of both sides show this number.
/// </param>
/// <param name="Method">The contract's full name, a dot, and the method's name.</param>
/// <param name="IsOutgoing">
/// True when this side waits for <paramref name="Peer"/>; false when this side runs the call for it.
/// </param>
/// <param name="Age">
/// How long the call has been in progress; null when start times are not recorded, see
/// <see cref="IpcConnectionOptions.SlowCallWarning"/>.
/// </param>
public sealed record IpcCallStep(IpcPeer Peer, long Request, string Method, bool IsOutgoing, TimeSpan? Age)
{
    /// <summary>For example <c>waits for #12 IWallet.Send of process 4712 of user 1000 (10.2 s)</c>.</summary>
    public override string ToString()
    {
        string age = Age is { } known
            ? string.Create(CultureInfo.InvariantCulture, $" ({known.TotalSeconds:0.0##} s)")
            : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(IsOutgoing ? "waits for" : "runs")} #{Request} {Method} {(IsOutgoing ? "of" : "for")} "
                + $"{Peer.Description}{age}");
    }
}
