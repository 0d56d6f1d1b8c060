namespace Multiprocess;

/// <summary>Sets the wire id or the time limit of a contract's method.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Event, Inherited = false)]
public sealed class IpcMethodAttribute : Attribute
{
    /// <summary>Keeps the wire id derived from the signature.</summary>
    public IpcMethodAttribute()
    {
    }

    /// <summary>
    /// Fixes the wire id, so that the method can be renamed without breaking compatibility with the peer.
    /// </summary>
    /// <param name="id">The id, from 1. Two methods of one contract with the same id are a build error.</param>
    public IpcMethodAttribute(uint id) => Id = id;

    /// <summary>The fixed wire id, or 0 for the id derived from the signature.</summary>
    public uint Id { get; }

    /// <summary>
    /// How long a call of this method may take, in milliseconds. Default 0: the connection's own limit.
    /// </summary>
    public int TimeoutMilliseconds { get; set; }
}
