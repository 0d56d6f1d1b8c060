namespace Multiprocess.CapnProto;

/// <summary>
/// Marks an interface or a delegate type as an interface of a Cap'n Proto schema. The generator writes its proxy and
/// its stub.
/// </summary>
/// <example>
/// <code>
/// [CapnpInterface(0xd36b89640dc94399, Context = true, Destroy = 0)]
/// public interface IEcho : IDisposable
/// {
///     [CapnpMethod(1)]
///     string Echo(string echo);
/// }
/// </code>
/// </example>
/// <remarks>
/// Base interfaces that are marked too are superclasses: their methods keep their own interface's id. A delegate type
/// has one method, whose ordinal <see cref="CapnpMethodAttribute"/> on the delegate type gives.
/// </remarks>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Delegate, Inherited = false)]
public sealed class CapnpInterfaceAttribute(ulong id) : Attribute
{
    /// <summary>The interface's id in the schema.</summary>
    public ulong Id { get; } = id;

    /// <summary>
    /// Whether the first parameter of each method is libmultiprocess's <c>Context</c>, which says on which thread the
    /// method runs. C# does not declare this parameter. Default false. A method chooses otherwise with
    /// <see cref="CapnpMethodAttribute.Context"/>.
    /// </summary>
    public bool Context { get; set; }

    /// <summary>
    /// The ordinal of libmultiprocess's <c>construct</c>, which exchanges the two sides' thread maps. Default -1: none.
    /// It is called when a connection's root is taken as this interface.
    /// </summary>
    public int Construct { get; set; } = -1;

    /// <summary>
    /// The ordinal of libmultiprocess's <c>destroy</c>, which ends the object. Default -1: none. Disposing the proxy of
    /// a contract that is <see cref="IDisposable"/> calls it.
    /// </summary>
    public int Destroy { get; set; } = -1;
}
