namespace Multiprocess;

/// <summary>Has a generic contract generated in this assembly, closed: <c>[assembly: IpcClosedInterface(typeof(IRepository&lt;Block&gt;))]</c>.</summary>
/// <remarks>
/// A generic contract that a member of another contract closes needs no mention. One that is served or connected to as the
/// root of a connection does: in the assembly of the contract, in that of one of its type arguments, or in the one that
/// calls <see cref="IpcServer"/> or <see cref="IpcConnection"/>. One assembly that both sides refer to is enough.
/// </remarks>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class IpcClosedInterfaceAttribute : Attribute
{
    /// <summary>Names a closed generic contract.</summary>
    /// <param name="contract">A generic interface with <see cref="IpcInterfaceAttribute"/>, with all its type arguments.</param>
    public IpcClosedInterfaceAttribute(Type contract) => Contract = contract;

    /// <summary>The contract.</summary>
    public Type Contract { get; }
}
