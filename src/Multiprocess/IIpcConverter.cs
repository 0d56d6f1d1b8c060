using Multiprocess.Serialization;

namespace Multiprocess;

/// <summary>Writes and reads values of a type that the generator does not know how to carry, such as another library's.</summary>
/// <typeparam name="T">The type, without null: null crosses by itself where the declaration admits it.</typeparam>
/// <remarks>
/// Found at compile time, through <see cref="IpcConverterAttribute"/>. Both methods run on any number of threads. What
/// they throw fails the one call.
/// </remarks>
/// <example><code>
/// public sealed class ColorConverter : IIpcConverter&lt;Color&gt;
/// {
///     public static void Write(ref MessagePackWriter writer, Color value) =&gt; writer.Write(value.ToArgb());
///
///     public static Color Read(ref MessagePackReader reader) =&gt; Color.FromArgb(reader.ReadStrictInt32());
/// }
/// </code></example>
public interface IIpcConverter<T>
    where T : notnull
{
    /// <summary>Writes <paramref name="value"/> as exactly one MessagePack value.</summary>
    static abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Reads exactly one MessagePack value, which a peer may have written with ill will.</summary>
    static abstract T Read(ref MessagePackReader reader);
}
