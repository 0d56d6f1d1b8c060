namespace Multiprocess;

/// <summary>Names one case of a closed hierarchy: an abstract class or an interface whose values cross as one of these types.</summary>
/// <remarks>
/// A value crosses as its key and itself. Keys stay with their types for good; a case may be added, and a peer that does
/// not know it refuses the value by name.
/// </remarks>
/// <example><code>
/// [IpcUnion(0, typeof(Circle)), IpcUnion(1, typeof(Line))]
/// public abstract record Shape;
/// </code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class IpcUnionAttribute : Attribute
{
    /// <summary>Names one case.</summary>
    /// <param name="key">What stands for the case on the wire; no two cases have the same.</param>
    /// <param name="type">The case: a type of the hierarchy that crosses by value, or a contract.</param>
    public IpcUnionAttribute(int key, Type type)
    {
        Key = key;
        Type = type;
    }

    /// <summary>What stands for the case on the wire.</summary>
    public int Key { get; }

    /// <summary>The case.</summary>
    public Type Type { get; }
}
