namespace Multiprocess.Threads;

/// <summary>One call in progress on a thread.</summary>
/// <param name="Connection">The connection of the call.</param>
/// <param name="Request">The request number, assigned by the side that makes the call.</param>
/// <param name="Contract">The called contract.</param>
/// <param name="MethodId">The method.</param>
/// <param name="IsOutgoing">
/// True when this side waits for the answer; false when this side runs the call for the peer.
/// </param>
/// <param name="StartedTimestamp">
/// When the call began, as a timestamp of the connection's time provider; 0 if nothing measured it.
/// </param>
internal readonly record struct CallStep(
    ConnectionIdentity Connection,
    long Request,
    IContractNames Contract,
    uint MethodId,
    bool IsOutgoing,
    long StartedTimestamp)
{
    public string MethodName => $"{Contract.Name}.{Contract.GetMethodName(MethodId) ?? $"0x{MethodId:x8}"}";
}
