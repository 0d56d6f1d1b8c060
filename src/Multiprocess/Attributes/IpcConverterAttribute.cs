namespace Multiprocess;

/// <summary>Names the <see cref="IIpcConverter{T}"/> of a type, or its formatter of MessagePack-CSharp.</summary>
/// <remarks>
/// On a parameter, a return value or a member it holds for that place alone: for its type, or for the elements of its
/// collections, arrays and tuples, but not for the members of records. On the type itself, on a contract and on the
/// assembly of a contract it holds wherever the type is used there; these must not disagree. It comes before the package's own
/// <c>[MessagePackFormatter]</c> on the type.
/// </remarks>
[AttributeUsage(
    AttributeTargets.Parameter | AttributeTargets.ReturnValue | AttributeTargets.Property | AttributeTargets.Field
    | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Enum | AttributeTargets.Assembly,
    AllowMultiple = true,
    Inherited = false)]
public sealed class IpcConverterAttribute : Attribute
{
    /// <summary>Names a converter.</summary>
    /// <param name="converter">A type that implements <see cref="IIpcConverter{T}"/>, or <see cref="MessagePack.Formatters.IMessagePackFormatter{T}"/>.
    /// A formatter is made once, by its constructor without parameters or from its static field <c>Instance</c>, and serves all
    /// threads and connections. It is given the options in <see cref="IpcConnectionOptions.MessagePack"/>.</param>
    public IpcConverterAttribute(Type converter) => Converter = converter;

    /// <summary>The converter.</summary>
    public Type Converter { get; }
}
