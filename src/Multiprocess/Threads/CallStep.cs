namespace Multiprocess.Threads;

/// <summary>One call that a thread is in the middle of.</summary>
/// <param name="Connection">The connection it goes over.</param>
/// <param name="Request">The number of the side that makes it.</param>
/// <param name="Callee">The contract that is called.</param>
/// <param name="MethodId">The method.</param>
/// <param name="IsOutgoing">True when this side waits for its answer; false when this side runs it for the peer.</param>
/// <param name="StartedTimestamp">When it began, by the time provider of the connection; 0 where nobody wanted to know.</param>
internal readonly record struct CallStep(IpcConnection Connection, long Request, ICallee Callee, uint MethodId, bool IsOutgoing, long StartedTimestamp)
{
    public string MethodName => $"{Callee.Name}.{Callee.GetMethodName(MethodId) ?? $"0x{MethodId:x8}"}";
}
