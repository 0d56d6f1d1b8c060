namespace Multiprocess;

/// <summary>Marks an interface as a contract between processes: the generator emits its proxy and stub.</summary>
/// <remarks>
/// Proxy and stub are generated in the assembly that contains the interface, so contracts, server and client can be
/// three projects. A member that cannot be called remotely is a build error at that member.
/// </remarks>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class IpcInterfaceAttribute : Attribute
{
    /// <summary>
    /// Whether enum values that the receiver does not define are accepted. Default false: a call with such a value is
    /// refused.
    /// </summary>
    /// <remarks>
    /// Applies to every enum in the contract's signatures, including those inside collections, values and delegates.
    /// </remarks>
    public bool AllowUndefinedEnumValues { get; set; }
}
