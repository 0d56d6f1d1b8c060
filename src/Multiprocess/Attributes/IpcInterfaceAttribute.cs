namespace Multiprocess;

/// <summary>Marks an interface as a contract between processes: the generator emits its proxy and its stub.</summary>
/// <remarks>
/// The proxy and the stub are generated in the assembly that holds the interface, so contracts, server and client
/// may be three projects. A member that cannot cross is a build error at that member.
/// </remarks>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class IpcInterfaceAttribute : Attribute
{
    /// <summary>Whether enums cross with values that the receiver does not define. Default false: such a value is refused with the call.</summary>
    /// <remarks>It holds for every enum in the contract's signatures, inside collections, values and delegates too.</remarks>
    public bool AllowUndefinedEnumValues { get; set; }
}
