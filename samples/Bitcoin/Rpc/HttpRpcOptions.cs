using System.Net;

namespace Bitcoin.Rpc;

/// <summary>Where and for whom the server is.</summary>
/// <param name="EndPoints">Where it listens.</param>
/// <param name="Credentials">Users with passwords, a colon between them.</param>
/// <param name="Users">Users of whose passwords only hashes are known.</param>
/// <param name="Threads">How many methods run at a time. At least 1.</param>
/// <param name="QueueDepth">How many requests may wait. At least 1.</param>
public sealed record HttpRpcOptions(IReadOnlyList<IPEndPoint> EndPoints, IReadOnlyList<string> Credentials, IReadOnlyList<RpcAuth> Users, int Threads, int QueueDepth);
