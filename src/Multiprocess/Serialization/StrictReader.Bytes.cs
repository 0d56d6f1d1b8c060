using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Multiprocess.Serialization;

// Text, bytes and extensions: values with a length in bytes.
internal static partial class StrictReader
{
    private const int ShortText = 32;

    /// <summary>Reads text, or nil for null. The package would replace invalid UTF-8 by U+FFFD.</summary>
    public static string? ReadStrictString(this ref MessagePackReader reader)
    {
        if (reader.TryReadStrictNil())
        {
            return null;
        }

        long start = reader.Consumed;
        ReadOnlySpan<byte> utf8 = reader.ReadStrictStringSpan();
        if (utf8.Length <= ShortText && AsAscii(utf8) is { } ascii)
        {
            return ascii;
        }

        if (!Utf8.IsValid(utf8))
        {
            reader.GoTo(start);
            MessagePackErrors.ThrowMalformedText(start);
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Reads the bytes of a text, without checking that they are UTF-8.</summary>
    public static ReadOnlySpan<byte> ReadStrictStringSpan(this scoped ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            if (reader.TryReadStringSpan(out ReadOnlySpan<byte> utf8))
            {
                return utf8;
            }

            if (!reader.IsNil)
            {
                // The text spans several segments.
                return reader.ReadStringSequence().GetValueOrDefault().ToArray();
            }
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "a string", exception);
        }

        throw Refuse(ref reader, start, "a string", exception: null);
    }

    /// <summary>Reads bytes without a copy. The package would accept text as bytes.</summary>
    public static ReadOnlySpan<byte> ReadStrictBinary(this scoped ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            if (reader.NextMessagePackType == MessagePackType.Binary)
            {
                return Contiguous(reader.ReadBytes().GetValueOrDefault());
            }
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "bytes", exception);
        }

        throw Refuse(ref reader, start, "bytes", exception: null);
    }

    /// <summary>Reads the header of an extension. Fails if fewer bytes remain than it announces.</summary>
    public static ExtensionHeader ReadStrictExtensionHeader(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            return reader.ReadExtensionFormatHeader();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "an extension", exception);
        }
    }

    /// <summary>Returns the header of the extension that is the next value, without reading it.</summary>
    public static ExtensionHeader PeekStrictExtension(this ref MessagePackReader reader)
    {
        MessagePackReader peek = reader.CreatePeekReader();
        return peek.ReadStrictExtensionHeader();
    }

    /// <summary>Reads the next <paramref name="length"/> bytes without interpreting them.</summary>
    public static ReadOnlySpan<byte> ReadStrictRaw(this scoped ref MessagePackReader reader, long length)
    {
        long start = reader.Consumed;
        try
        {
            return Contiguous(reader.ReadRaw(length));
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, $"{length} bytes", exception);
        }
    }

    /// <summary>
    /// Reads the timestamp of the MessagePack specification as an instant in UTC, cut to 100 ns. The package would
    /// accept four billion nanoseconds and years that do not exist.
    /// </summary>
    public static DateTime ReadStrictDateTime(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        ExtensionHeader header = reader.ReadStrictExtensionHeader();
        if (header is not { TypeCode: ReservedMessagePackExtensionTypeCode.DateTime, Length: 4 or 8 or 12 })
        {
            reader.GoTo(start);
            MessagePackErrors.ThrowOutOfRange(
                "a timestamp", start, $"an extension of type {header.TypeCode} and {header.Length} bytes");
        }

        ReadOnlySpan<byte> data = reader.ReadStrictRaw(header.Length);
        long seconds;
        uint nanoseconds = 0;
        switch (data.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                break;
            case 8:
                ulong both = BinaryPrimitives.ReadUInt64BigEndian(data);
                nanoseconds = (uint)(both >> 34);
                seconds = (long)(both & 0x3_ffff_ffff);
                break;
            default:
                nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                seconds = BinaryPrimitives.ReadInt64BigEndian(data[4..]);
                break;
        }

        const long UnixSeconds = 62_135_596_800;
        if (nanoseconds > 999_999_999
            || seconds < -UnixSeconds
            || seconds > (DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond) - UnixSeconds)
        {
            reader.GoTo(start);
            MessagePackErrors.ThrowOutOfRange(
                "a timestamp of the years 1 to 9999", start, $"{seconds} s and {nanoseconds} ns");
        }

        return new DateTime(
            ((seconds + UnixSeconds) * TimeSpan.TicksPerSecond) + (nanoseconds / 100), DateTimeKind.Utc);
    }

    /// <summary>Reads short ASCII text; null for other text.</summary>
    /// <remarks>
    /// Faster for names, which most processes read first: preparing the framework's decoder takes 2 ms of a child's
    /// start.
    /// </remarks>
    private static string? AsAscii(ReadOnlySpan<byte> utf8)
    {
        Span<char> text = stackalloc char[ShortText];
        for (int i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] >= 0x80)
            {
                return null;
            }

            text[i] = (char)utf8[i];
        }

        return new string(text[..utf8.Length]);
    }

    private static ReadOnlySpan<byte> Contiguous(ReadOnlySequence<byte> bytes)
        => bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray();
}
