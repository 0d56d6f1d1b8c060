using Multiprocess.Serialization;

namespace Multiprocess;

/// <summary>
/// Writes and reads values of a type that the generator does not support, such as a type of another library.
/// </summary>
/// <typeparam name="T">
/// The type, without null. Null is sent without the converter, where the declaration allows null.
/// </typeparam>
/// <remarks>
/// Selected at compile time with <see cref="IpcConverterAttribute"/>. Both methods may run on several threads at once.
/// An exception fails only the one call, with an <see cref="IpcException"/> that names the method and the member.
/// <para>
/// The writer and the reader are those of MessagePack, and less strict than the codecs of this library. A lone
/// surrogate that is written arrives as U+FFFD. <c>ReadBytes</c> accepts text, and <c>ReadSingle</c> turns a number
/// that is out of range into infinity. A converter that must not accept this checks <c>NextMessagePackType</c> or the
/// result.
/// </para>
/// </remarks>
/// <example><code>
/// public sealed class ColorConverter : IIpcConverter&lt;Color&gt;
/// {
///     public static void Write(ref MessagePackWriter writer, Color value) =&gt; writer.Write(value.ToArgb());
///
///     public static Color Read(ref MessagePackReader reader) =&gt; Color.FromArgb(reader.ReadInt32());
/// }
/// </code></example>
public interface IIpcConverter<T>
    where T : notnull
{
    /// <summary>
    /// Writes <paramref name="value"/> as exactly one MessagePack value. The value must not be nil: nil means null
    /// where the declaration allows null.
    /// </summary>
    /// <remarks>
    /// The call fails before anything is sent if the converter writes anything but one complete value, within the limit
    /// of depth, whose texts are valid UTF-8.
    /// </remarks>
    static abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Reads exactly one MessagePack value. The peer that wrote the value may be hostile.</summary>
    /// <remarks>
    /// The runtime checks beforehand that the value is complete, that it nests no deeper than the connection's limit
    /// allows, and that its texts are valid UTF-8. The converter checks its type, its counts and its meaning.
    /// </remarks>
    static abstract T Read(ref MessagePackReader reader);
}
