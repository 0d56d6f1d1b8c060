namespace Multiprocess;

/// <summary>
/// Generates the code for a closed generic contract in this assembly: <c>[assembly:
/// IpcClosedInterface(typeof(IRepository&lt;Block&gt;))]</c>.
/// </summary>
/// <remarks>
/// Not needed for a closed generic contract that is used in a member of another contract. Needed for the root contract
/// of a connection: in the assembly of the contract, of one of its type arguments, or of the code that calls
/// <see cref="IpcServer"/> or <see cref="IpcConnection"/>. One assembly that both sides reference is enough.
/// </remarks>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class IpcClosedInterfaceAttribute : Attribute
{
    /// <summary>Names a closed generic contract.</summary>
    /// <param name="contract">
    /// A generic interface with <see cref="IpcInterfaceAttribute"/>, with all its type arguments.
    /// </param>
    public IpcClosedInterfaceAttribute(Type contract) => Contract = contract;

    /// <summary>The contract.</summary>
    public Type Contract { get; }
}
