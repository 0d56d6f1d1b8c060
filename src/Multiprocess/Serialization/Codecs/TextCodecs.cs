using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// UTF-8 text. Null is refused on both sides; <see cref="NullableReferenceCodec{T, TCodec}"/> accepts it.
/// </summary>
public readonly struct StringCodec : IIpcCodec<string>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, string value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStrict(value.AsSpan());
    }

    /// <inheritdoc/>
    public static string Read(ref MessagePackReader reader, IpcReadContext context)
    {
        string? value = reader.ReadStrictString();
        if (value is null)
        {
            MessagePackErrors.ThrowNil("a string");
        }

        return value;
    }
}

/// <summary>The Unicode scalar value as an integer.</summary>
public readonly struct RuneCodec : IIpcCodec<Rune>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Rune value, IpcWriteContext context)
        => writer.Write(value.Value);

    /// <inheritdoc/>
    public static Rune Read(ref MessagePackReader reader, IpcReadContext context)
    {
        int value = reader.ReadStrictInt32();
        if (!Rune.TryCreate(value, out Rune rune))
        {
            MessagePackErrors.ThrowMalformed(nameof(Rune), $"{value} is no scalar value");
        }

        return rune;
    }
}

/// <summary>The text from which the address was created.</summary>
public readonly struct UriCodec : IIpcCodec<Uri>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Uri value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStrict(value.OriginalString);
    }

    /// <inheritdoc/>
    public static Uri Read(ref MessagePackReader reader, IpcReadContext context)
    {
        if (!Uri.TryCreate(StringCodec.Read(ref reader, context), UriKind.RelativeOrAbsolute, out Uri? uri))
        {
            MessagePackErrors.ThrowMalformed(nameof(Uri), "the text is no address");
        }

        return uri;
    }
}

/// <summary>Text of two to four numbers: "1.2.3".</summary>
public readonly struct VersionCodec : IIpcCodec<Version>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Version value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> text = stackalloc byte[64];
        value.TryFormat(text, out int length);
        writer.WriteUtf8(text[..length]);
    }

    /// <inheritdoc/>
    public static Version Read(ref MessagePackReader reader, IpcReadContext context)
    {
        if (!Version.TryParse(StringCodec.Read(ref reader, context), out Version? version))
        {
            MessagePackErrors.ThrowMalformed(nameof(Version), "the text is not two to four numbers");
        }

        return version;
    }
}

/// <summary>
/// The name of the culture, empty for the invariant culture. A name that this machine does not know is refused together
/// with its call.
/// </summary>
public readonly struct CultureInfoCodec : IIpcCodec<CultureInfo>
{
    // The base library's own limit on names.
    private const int MaxBytes = 85;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, CultureInfo value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStrict(value.Name);
    }

    /// <inheritdoc/>
    public static CultureInfo Read(ref MessagePackReader reader, IpcReadContext context)
    {
        string name = StringCodec.Read(ref reader, context);
        if (name.Length > MaxBytes)
        {
            MessagePackErrors.ThrowMalformed(nameof(CultureInfo), $"a name of {name.Length} characters");
        }

        if (name.Length == 0)
        {
            return CultureInfo.InvariantCulture;
        }

        try
        {
            // Predefined cultures only: the base library keeps every culture that was ever requested, and a peer could
            // invent names.
            return CultureInfo.GetCultureInfo(name, predefinedOnly: true);
        }
        catch (CultureNotFoundException e)
        {
            throw new IpcException(IpcErrorKind.ArgumentNotDecoded, $"The culture '{name}' is not known here.", e);
        }
    }
}

/// <summary>The 36 characters of the usual form: "00000000-0000-0000-0000-000000000000".</summary>
public readonly struct GuidCodec : IIpcCodec<Guid>
{
    private const int Length = 36;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Guid value, IpcWriteContext context)
    {
        writer.WriteStringHeader(Length);
        value.TryFormat(writer.GetSpan(Length), out int written);
        writer.Advance(written);
    }

    /// <inheritdoc/>
    public static Guid Read(ref MessagePackReader reader, IpcReadContext context)
    {
        ReadOnlySpan<byte> text = reader.ReadStrictStringSpan();
        if (text.Length != Length
            || !Utf8Parser.TryParse(text, out Guid value, out int consumed, 'D')
            || consumed != Length)
        {
            MessagePackErrors.ThrowMalformed(
                nameof(Guid), "the text is not of the form 00000000-0000-0000-0000-000000000000");
            return default;
        }

        return value;
    }
}
