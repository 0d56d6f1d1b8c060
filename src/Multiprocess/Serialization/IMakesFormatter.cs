using System.ComponentModel;

namespace Multiprocess.Serialization;

/// <summary>
/// Generated code that makes a formatter of MessagePack-CSharp, as the attribute that names the formatter says.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IMakesFormatter
{
    /// <summary>
    /// Makes an <see cref="MessagePack.Formatters.IMessagePackFormatter{T}"/>. Called once for each codec.
    /// </summary>
    static abstract object Make();
}
