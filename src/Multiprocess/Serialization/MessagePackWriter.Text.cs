using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Multiprocess.Serialization;

/// <content>Text: UTF-8 straight into the buffer, behind the shortest header.</content>
public ref partial struct MessagePackWriter
{
    // Up to here room is reserved for the worst case, three bytes a character; longer text is measured first, lest a
    // buffer grow to three times what is needed.
    private const int MeasuredChars = 1024;

    /// <summary>Writes text, or nil.</summary>
    /// <exception cref="IpcException">The text has a surrogate without its partner.</exception>
    public void Write(string? value)
    {
        if (value is null)
        {
            WriteNil();
        }
        else
        {
            Write(value.AsSpan());
        }
    }

    /// <summary>Writes text.</summary>
    /// <exception cref="IpcException">The text has a surrogate without its partner.</exception>
    public void Write(scoped ReadOnlySpan<char> value)
    {
        if (value.Length > MeasuredChars)
        {
            WriteMeasured(value);
            return;
        }

        // The header's size is guessed from the number of characters, right for ASCII; the bytes move when it was wrong.
        int guess = StringHeaderSize(value.Length);
        Reserve((value.Length * 3) + 5);
        int length = Encode(value, _span[(_used + guess)..]);
        int header = StringHeaderSize(length);
        if (header != guess)
        {
            _span.Slice(_used + guess, length).CopyTo(_span[(_used + header)..]);
        }

        PutStringHeader(length, header);
        _used += header + length;
    }

    /// <summary>Writes text that is UTF-8 already; it is not checked.</summary>
    public void WriteString(scoped ReadOnlySpan<byte> utf8stringBytes)
    {
        WriteStringHeader(utf8stringBytes.Length);
        WriteRaw(utf8stringBytes);
    }

    /// <summary>Writes the number of UTF-8 bytes that follow, by <see cref="WriteRaw(ReadOnlySpan{byte})"/> or <see cref="GetSpan"/>.</summary>
    public void WriteStringHeader(int byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        Reserve(5);
        int header = StringHeaderSize(byteCount);
        PutStringHeader(byteCount, header);
        _used += header;
    }

    private static int StringHeaderSize(int length) => length switch
    {
        <= 31 => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        _ => 5,
    };

    private static int Encode(scoped ReadOnlySpan<char> chars, Span<byte> bytes)
    {
        OperationStatus status = Utf8.FromUtf16(chars, bytes, out _, out int written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
        {
            MessagePackErrors.ThrowLoneSurrogate();
        }

        return written;
    }

    private void WriteMeasured(scoped ReadOnlySpan<char> value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        WriteStringHeader(length);
        Reserve(length);
        _used += Encode(value, _span.Slice(_used, length));
    }

    private readonly void PutStringHeader(int length, int header)
    {
        switch (header)
        {
            case 1:
                Put(0, (byte)(MessagePackCode.MinFixStr | length));
                break;
            case 2:
                Put(0, MessagePackCode.Str8);
                Put(1, (byte)length);
                break;
            case 3:
                Put(0, MessagePackCode.Str16);
                PutUInt16(1, (ushort)length);
                break;
            default:
                Put(0, MessagePackCode.Str32);
                PutUInt32(1, (uint)length);
                break;
        }
    }
}
