namespace Multiprocess.CapnProto;

/// <summary>
/// Asks for Cap'n Proto for all contracts of the assembly: each interface marked <see cref="IpcInterfaceAttribute"/>
/// gets a proxy and a stub for Cap'n Proto too, without further attributes.
/// </summary>
/// <example>
/// <code>
/// [assembly: CapnpContracts]
/// </code>
/// </example>
/// <remarks>
/// Ids are computed from the names of the interfaces, and ordinals come from the baseline. <c>multiprocess capnp</c>
/// writes the schema for peers in other languages. An interface that is marked <see cref="CapnpInterfaceAttribute"/>
/// too keeps what its attributes say.
/// </remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class CapnpContractsAttribute : Attribute
{
    /// <summary>
    /// What happens to a method that Cap'n Proto cannot express. False, the default: it is an error of the build.
    /// True: it is left out. Over Cap'n Proto, its proxy throws <see cref="NotSupportedException"/>, and the remote
    /// side does not run it.
    /// </summary>
    public bool LeaveOut { get; set; }
}
