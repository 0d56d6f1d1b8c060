namespace Multiprocess.CapnProto;

/// <summary>
/// Declares an exception that a method can answer with: a field of the results. The caller catches the exception as
/// what it is.
/// </summary>
/// <param name="ordinal">The field's ordinal in the results.</param>
/// <param name="exception">
/// A class marked <see cref="CapnpStructAttribute"/>. Its properties are the fields of the struct. Or an exception with
/// a constructor that takes the message: the field is then a Text.
/// </param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Delegate, Inherited = false, AllowMultiple = true)]
public sealed class CapnpThrowsAttribute(int ordinal, Type exception) : Attribute
{
    /// <summary>The field's ordinal in the results.</summary>
    public int Ordinal { get; } = ordinal;

    /// <summary>The exception's class.</summary>
    public Type Exception { get; } = exception;
}
