namespace Multiprocess;

/// <summary>Gives a method of a contract its wire id or its time limit.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Event, Inherited = false)]
public sealed class IpcMethodAttribute : Attribute
{
    /// <summary>Keeps the wire id that is derived from the signature.</summary>
    public IpcMethodAttribute()
    {
    }

    /// <summary>Fixes the wire id, so that the method may be renamed without the peer noticing.</summary>
    /// <param name="id">The id, from 1. Two methods of one contract with the same id are a build error.</param>
    public IpcMethodAttribute(uint id) => Id = id;

    /// <summary>The fixed wire id, or 0 for the one that is derived from the signature.</summary>
    public uint Id { get; }

    /// <summary>How long a call of this method may take, in milliseconds. Default 0: the connection's own limit.</summary>
    public int TimeoutMilliseconds { get; set; }
}
