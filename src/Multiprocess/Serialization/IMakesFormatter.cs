using System.ComponentModel;

namespace Multiprocess.Serialization;

/// <summary>Generated code that creates the formatter of MessagePack-CSharp named by an attribute.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IMakesFormatter
{
    /// <summary>
    /// Creates an <see cref="MessagePack.Formatters.IMessagePackFormatter{T}"/>. Called once per codec.
    /// </summary>
    static abstract object Make();
}
