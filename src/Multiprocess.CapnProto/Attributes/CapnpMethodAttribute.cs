namespace Multiprocess.CapnProto;

/// <summary>
/// Binds a method, a property or a delegate type to a method of a Cap'n Proto schema.
/// </summary>
/// <remarks>
/// Either all members of an interface have this attribute, or none: then the ordinals are the positions of the members,
/// beginning with 0. The setter of a property has the ordinal after the getter's.
/// </remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Delegate, Inherited = false)]
public sealed class CapnpMethodAttribute(int ordinal) : Attribute
{
    /// <summary>The method's ordinal in its interface, 0 to 65,535.</summary>
    public int Ordinal { get; } = ordinal;

    /// <summary>
    /// The ordinal of libmultiprocess's <c>Context</c> in the parameters; -1 for a method without. Without this
    /// setting, <see cref="CapnpInterfaceAttribute.Context"/> decides.
    /// </summary>
    public int Context { get; set; }

    /// <summary>
    /// Whether the method exchanges the two sides' thread maps, as <c>construct</c> does: one thread map is its
    /// parameter, the other its result. C# declares neither. Default false.
    /// </summary>
    public bool ThreadMap { get; set; }
}
