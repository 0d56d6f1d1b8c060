using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>Limits of a Cap'n Proto connection.</summary>
/// <remarks>Immutable, so any number of threads and connections may use one object.</remarks>
public sealed class CapnpConnectionOptions
{
    internal static CapnpConnectionOptions Default { get; } = new();

    /// <summary>Limits of each message.</summary>
    public CapnpLimits Message { get; init; } = CapnpLimits.Default;

    /// <summary>
    /// Calls of the peer that may be in flight, including calls whose results the peer has not finished. Default 1,024;
    /// 1 to 1,048,576. Further calls are answered with <see cref="CapnpExceptionType.Overloaded"/>; at twice the limit
    /// the connection ends.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxCallsInFlight
    {
        get;
        init => field = InRange(value, 1, 1024 * 1024);
    } = 1024;

    /// <summary>
    /// Capabilities of the peer that this side refers to. Default 65,536; 1 to 16,777,216. If the peer sends more, the
    /// connection ends.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxObjects
    {
        get;
        init => field = InRange(value, 1, 16 * 1024 * 1024);
    } = 64 * 1024;

    /// <summary>
    /// Bytes of calls of the peer in flight, and bytes that wait for the peer to receive them. Default 64 MiB; 4 KiB to
    /// 1 GiB. Beyond the limit a call of either side fails without being run. A single message that is larger than the
    /// limit is accepted while nothing else waits. If answers of four times the limit wait for the peer, the connection
    /// ends.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxWaitingBytes
    {
        get;
        init => field = InRange(value, 4 * 1024, 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    /// <summary>
    /// Threads that the peer may make on this side, by libmultiprocess's conventions. Default 1,024; 1 to 65,536. One
    /// more is refused with <see cref="CapnpExceptionType.Overloaded"/>. A thread of the system begins with the first
    /// call that names it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxThreads
    {
        get;
        init => field = InRange(value, 1, 65_536);
    } = 1024;

    private static int InRange(int value, int min, int max, [CallerMemberName] string name = "")
        => value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(
                name, value, $"{name}: Expected {min:N0} to {max:N0}, got {value:N0}.");
}
