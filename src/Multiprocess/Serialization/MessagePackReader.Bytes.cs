using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Multiprocess.Serialization;

/// <content>Text, bytes and extensions: everything that announces its length in bytes.</content>
public ref partial struct MessagePackReader
{
    private const int ShortText = 32;

    /// <summary>Reads text, or nil for null.</summary>
    /// <exception cref="MessagePackSerializationException">The text is not UTF-8.</exception>
    public string? ReadString()
    {
        if (TryReadNil())
        {
            return null;
        }

        int start = _position;
        ReadOnlySpan<byte> utf8 = ReadStringSpan();
        if (utf8.Length <= ShortText && AsAscii(utf8) is { } ascii)
        {
            return ascii;
        }

        if (!Utf8.IsValid(utf8))
        {
            _position = start;
            MessagePackErrors.ThrowMalformedText(start);
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Reads the bytes of a text. Whether they are UTF-8 is not checked.</summary>
    public ReadOnlySpan<byte> ReadStringSpan()
    {
        byte code = NextCode;
        int header;
        uint length;
        switch (code)
        {
            case >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr:
                header = 1;
                length = (uint)code & 31;
                break;
            case MessagePackCode.Str8:
                header = 2;
                length = PeekByte();
                break;
            case MessagePackCode.Str16:
                header = 3;
                length = PeekUInt16();
                break;
            case MessagePackCode.Str32:
                header = 5;
                length = PeekUInt32();
                break;
            default:
                MessagePackErrors.ThrowUnexpected("a string", _position, code);
                return default;
        }

        return Take(header, length);
    }

    /// <summary>Short text of plain letters; null for other text.</summary>
    /// <remarks>Faster for names, and it is what most processes read first: getting the framework's decoder ready takes 2 ms of a child's start.</remarks>
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

    /// <summary>Reads bytes into an array of their own, or nil for null.</summary>
    public byte[]? ReadBytes() => TryReadNil() ? null : ReadBinary().ToArray();

    /// <summary>Reads bytes, without a copy.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        byte code = NextCode;
        int header;
        uint length;
        switch (code)
        {
            case MessagePackCode.Bin8:
                header = 2;
                length = PeekByte();
                break;
            case MessagePackCode.Bin16:
                header = 3;
                length = PeekUInt16();
                break;
            case MessagePackCode.Bin32:
                header = 5;
                length = PeekUInt32();
                break;
            default:
                MessagePackErrors.ThrowUnexpected("bytes", _position, code);
                return default;
        }

        return Take(header, length);
    }

    /// <summary>Reads what stands before an extension's bytes. At least as many bytes are left as it announces.</summary>
    public ExtensionHeader ReadExtensionFormatHeader()
    {
        byte code = NextCode;
        int header;
        uint length;
        switch (code)
        {
            case >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16:
                header = 2;
                length = 1u << (code - MessagePackCode.FixExt1);
                break;
            case MessagePackCode.Ext8:
                header = 3;
                length = PeekByte();
                break;
            case MessagePackCode.Ext16:
                header = 4;
                length = PeekUInt16();
                break;
            case MessagePackCode.Ext32:
                header = 6;
                length = PeekUInt32();
                break;
            default:
                MessagePackErrors.ThrowUnexpected("an extension", _position, code);
                return default;
        }

        if (header + (long)length > Remaining)
        {
            MessagePackErrors.ThrowTruncated(_position, header + (long)length, Remaining);
        }

        sbyte typeCode = (sbyte)_bytes[_position + header - 1];
        _position += header;
        return new ExtensionHeader(typeCode, length);
    }

    /// <summary>Reads an extension; its bytes are copied.</summary>
    public ExtensionResult ReadExtensionFormat()
    {
        ExtensionHeader header = ReadExtensionFormatHeader();
        return new ExtensionResult(header.TypeCode, ReadRaw((int)header.Length).ToArray());
    }

    /// <summary>Reads the specification's timestamp as an instant in UTC; what is finer than 100 ns is cut off.</summary>
    public DateTime ReadDateTime()
    {
        int start = _position;
        ExtensionHeader header = ReadExtensionFormatHeader();
        if (header is not { TypeCode: ExtensionHeader.Timestamp, Length: 4 or 8 or 12 })
        {
            _position = start;
            MessagePackErrors.ThrowOutOfRange("a timestamp", start, $"an extension of type {header.TypeCode} and {header.Length} bytes");
        }

        ReadOnlySpan<byte> data = ReadRaw((int)header.Length);
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
        if (nanoseconds > 999_999_999 || seconds < -UnixSeconds || seconds > (DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond) - UnixSeconds)
        {
            _position = start;
            MessagePackErrors.ThrowOutOfRange("a timestamp of the years 1 to 9999", start, $"{seconds} s and {nanoseconds} ns");
        }

        return new DateTime(((seconds + UnixSeconds) * TimeSpan.TicksPerSecond) + (nanoseconds / 100), DateTimeKind.Utc);
    }

    private ReadOnlySpan<byte> Take(int header, uint length)
    {
        if (header + (long)length > Remaining)
        {
            MessagePackErrors.ThrowTruncated(_position, header + (long)length, Remaining);
        }

        ReadOnlySpan<byte> bytes = _bytes.Slice(_position + header, (int)length);
        _position += header + (int)length;
        return bytes;
    }
}
