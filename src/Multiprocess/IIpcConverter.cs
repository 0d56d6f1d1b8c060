using Multiprocess.Serialization;

namespace Multiprocess;

/// <summary>Writes and reads values of a type that the generator does not know how to carry, such as another library's.</summary>
/// <typeparam name="T">The type, without null: null crosses by itself where the declaration admits it.</typeparam>
/// <remarks>
/// Found at compile time, through <see cref="IpcConverterAttribute"/>. Both methods run on any number of threads. What
/// they throw fails the one call, with an <see cref="IpcException"/> that names the method and the member.
/// <para>
/// Writer and reader are MessagePack's own, and lax where the codecs of this library are strict. A surrogate without its
/// partner that is written arrives as U+FFFD. <c>ReadBytes</c> takes text for bytes, and <c>ReadSingle</c> makes an
/// infinity of a number that is out of range. A converter that minds looks at <c>NextMessagePackType</c> or at the result.
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
    /// <summary>Writes <paramref name="value"/> as exactly one MessagePack value, other than nil: nil is null where the declaration admits null.</summary>
    static abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Reads exactly one MessagePack value, which a peer may have written with ill will.</summary>
    /// <remarks>
    /// The value is complete, nests no deeper than the connection's limit, and its texts are UTF-8: that is checked before.
    /// Its type, its counts and its meaning are the converter's to check.
    /// </remarks>
    static abstract T Read(ref MessagePackReader reader);
}
