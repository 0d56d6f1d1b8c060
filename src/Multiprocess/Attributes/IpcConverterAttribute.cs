namespace Multiprocess;

/// <summary>Selects the <see cref="IIpcConverter{T}"/>, or the MessagePack-CSharp formatter, of a type.</summary>
/// <remarks>
/// On a parameter, a return value or a member it applies only there: to its type, or to the elements of its
/// collections, arrays and tuples, but not to the members of records. On the type itself, on a contract or on the
/// assembly of a contract it applies to every use of the type there; these declarations must not contradict each other.
/// It takes precedence over the package's own <c>[MessagePackFormatter]</c> on the type.
/// </remarks>
[AttributeUsage(
    AttributeTargets.Parameter | AttributeTargets.ReturnValue | AttributeTargets.Property | AttributeTargets.Field
    | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Enum
    | AttributeTargets.Assembly,
    AllowMultiple = true,
    Inherited = false)]
public sealed class IpcConverterAttribute : Attribute
{
    /// <summary>Names a converter.</summary>
    /// <param name="converter">
    /// A type that implements <see cref="IIpcConverter{T}"/> or
    /// <see cref="MessagePack.Formatters.IMessagePackFormatter{T}"/>. A formatter is created once, by its parameterless
    /// constructor or from its static field <c>Instance</c>, and is used by all threads and connections. It receives
    /// the options in <see cref="IpcConnectionOptions.MessagePack"/>.
    /// </param>
    public IpcConverterAttribute(Type converter) => Converter = converter;

    /// <summary>The converter.</summary>
    public Type Converter { get; }
}
