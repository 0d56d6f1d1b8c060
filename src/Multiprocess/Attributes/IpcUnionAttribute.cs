namespace Multiprocess;

/// <summary>
/// Names one case of a closed hierarchy: an abstract class or an interface whose values are transferred as one of these
/// types.
/// </summary>
/// <remarks>
/// A value is sent as the key of its case and the value itself. A key must never be reused for another type. Cases may
/// be added; a peer that does not know a case refuses its values with an error that names the type.
/// </remarks>
/// <example><code>
/// [IpcUnion(0, typeof(Circle)), IpcUnion(1, typeof(Line))]
/// public abstract record Shape;
/// </code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class IpcUnionAttribute : Attribute
{
    /// <summary>Names one case.</summary>
    /// <param name="key">The number of the case on the wire; unique within the hierarchy.</param>
    /// <param name="type">The case: a type of the hierarchy that is transferred by value, or a contract.</param>
    public IpcUnionAttribute(int key, Type type)
    {
        Key = key;
        Type = type;
    }

    /// <summary>The number of the case on the wire.</summary>
    public int Key { get; }

    /// <summary>The type of the case.</summary>
    public Type Type { get; }
}
