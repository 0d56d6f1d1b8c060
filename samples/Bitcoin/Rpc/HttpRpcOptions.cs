using System.Net;

namespace Bitcoin.Rpc;

/// <summary>The options of a server.</summary>
/// <param name="EndPoints">The addresses to listen on.</param>
/// <param name="Credentials">Users and passwords, separated by a colon.</param>
/// <param name="Users">Users of whom only password hashes are known.</param>
/// <param name="Threads">How many short methods run at a time. At least 1.</param>
/// <param name="QueueDepth">How many requests may wait. At least 1.</param>
public sealed record HttpRpcOptions(
    IReadOnlyList<IPEndPoint> EndPoints,
    IReadOnlyList<string> Credentials,
    IReadOnlyList<RpcAuth> Users,
    int Threads,
    int QueueDepth)
{
    /// <summary>
    /// The secret of the cookie file. It cannot be guessed, so it is checked without the delay of guessed passwords.
    /// </summary>
    public string? Cookie { get; init; }

    /// <summary>
    /// Answers requests below "/rest", without a password; returns null for an unknown path. Null for no such service.
    /// </summary>
    public Func<RestRequest, RestReply?>? Rest { get; init; }

    /// <summary>Whether a request below "/rest", given its path, may wait for another process.</summary>
    public Func<string, bool> RestWaits { get; init; } = static _ => false;

    /// <summary>Whether the log contains the addresses of clients.</summary>
    public bool LogsAddresses { get; init; }

    /// <summary>The addresses from which clients may connect. This machine is always allowed.</summary>
    public IpAllowList Allowed { get; init; } = IpAllowList.Nobody;

    /// <summary>The methods that each user may call.</summary>
    public RpcWhitelist Whitelist { get; init; } = RpcWhitelist.Everything;

    /// <summary>How many waiting methods, or methods that call another process, run at a time. Default 256.</summary>
    public int Waiters { get; init; } = 256;

    /// <summary>
    /// The maximum number of connections. Default: half of the process's descriptors above 256, at least 16, at most
    /// 512.
    /// </summary>
    public int MaxConnections { get; init; } = Math.Clamp(DescriptorLimit.ForOneOfTwoServers() ?? 512, 16, 512);

    /// <summary>
    /// How long a connection may be silent, and how long a request's headers may take. Default 30 seconds; zero for no
    /// limit.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
