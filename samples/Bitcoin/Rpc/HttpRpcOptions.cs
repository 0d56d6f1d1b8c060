using System.Net;

namespace Bitcoin.Rpc;

/// <summary>Where and for whom the server is.</summary>
/// <param name="EndPoints">Where it listens.</param>
/// <param name="Credentials">Users with passwords, a colon between them.</param>
/// <param name="Users">Users of whose passwords only hashes are known.</param>
/// <param name="Threads">How many methods run at a time that are done in a moment. At least 1.</param>
/// <param name="QueueDepth">How many requests may wait. At least 1.</param>
public sealed record HttpRpcOptions(
    IReadOnlyList<IPEndPoint> EndPoints,
    IReadOnlyList<string> Credentials,
    IReadOnlyList<RpcAuth> Users,
    int Threads,
    int QueueDepth)
{
    /// <summary>
    /// The secret of the cookie file. Nobody guesses it, so who has it is not made to wait for those who try.
    /// </summary>
    public string? Cookie { get; init; }

    /// <summary>
    /// Answers what is asked for under "/rest", without a password; gives null where there is no such place. Null for
    /// nothing.
    /// </summary>
    public Func<RestRequest, RestReply?>? Rest { get; init; }

    /// <summary>Whether such a request, by its path, may wait for another process.</summary>
    public Func<string, bool> RestWaits { get; init; } = static _ => false;

    /// <summary>Whether the log names the addresses of clients.</summary>
    public bool LogsAddresses { get; init; }

    /// <summary>From where clients may come. This machine always may.</summary>
    public IpAllowList Allowed { get; init; } = IpAllowList.Nobody;

    /// <summary>What each user may call.</summary>
    public RpcWhitelist Whitelist { get; init; } = RpcWhitelist.Everything;

    /// <summary>How many methods run at a time that wait for something, or for another process. Default 256.</summary>
    public int Waiters { get; init; } = 256;

    /// <summary>
    /// How many connections there may be. Default: what leaves half of the descriptors, and 256 more, to the rest of
    /// the process; 16 to 512.
    /// </summary>
    public int MaxConnections { get; init; } = Math.Clamp(((DescriptorLimit.Read() ?? 2048) - 256) / 2, 16, 512);

    /// <summary>
    /// How long a connection may be silent, and how long a request's headers may take. Default 30 seconds; zero for
    /// ever.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
