using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Multiprocess.Serialization;

/// <summary>Writes MessagePack to a buffer writer, every value in its most compact form.</summary>
/// <remarks>
/// Holds a span of the buffer writer; what was written is in the buffer writer once <see cref="Flush"/> was called.
/// Pass it by reference. Not for use by several threads.
/// </remarks>
public ref partial struct MessagePackWriter
{
    // Below this a copy costs less than a second piece in the system call.
    private const int MinTailBytes = 16 * 1024;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;

    // Bytes that come next but are still where the caller has them. While there are any, _span is empty: whatever is
    // written after them asks for room first, and that puts them into the buffer.
    private ReadOnlySpan<byte> _tail;

    /// <summary>Creates the writer. Nothing is asked of <paramref name="writer"/> before the first value.</summary>
    public MessagePackWriter(IBufferWriter<byte> writer)
    {
        _output = writer;
        _span = default;
        _used = 0;
    }

    /// <summary>Hands everything written so far to the buffer writer.</summary>
    public void Flush()
    {
        ReadOnlySpan<byte> tail = FlushToTail();
        if (!tail.IsEmpty)
        {
            tail.CopyTo(_output.GetSpan(tail.Length));
            _output.Advance(tail.Length);
        }
    }

    /// <summary>
    /// Hands what was written to the buffer writer, but for a large blob at the very end that was written by
    /// <see cref="WriteInPlace"/>: that is returned, to be sent from where it is.
    /// </summary>
    internal ReadOnlySpan<byte> FlushToTail()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
        }

        ReadOnlySpan<byte> tail = _tail;
        _span = default;
        _used = 0;
        _tail = default;
        return tail;
    }

    /// <summary>
    /// Writes bytes that the caller leaves unchanged until <see cref="Flush"/> or <see cref="FlushToTail"/>: if they are
    /// many and nothing comes after them, they are not copied.
    /// </summary>
    internal void WriteInPlace(ReadOnlySpan<byte> src)
    {
        WriteBinHeader(src.Length);
        if (src.Length < MinTailBytes || _output is not PooledBufferWriter output)
        {
            WriteRaw(src);
            return;
        }

        Flush();
        output.Allow(src.Length);
        _tail = src;
    }

    /// <summary>Room for at least <paramref name="length"/> bytes, to be filled with MessagePack and followed by <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int length)
    {
        Reserve(length);
        return _span[_used..];
    }

    /// <summary>Says that <paramref name="length"/> bytes of <see cref="GetSpan"/> were filled.</summary>
    public void Advance(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(_span.Length - _used), nameof(length));
        _used += length;
    }

    /// <summary>Copies bytes that already are MessagePack.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> rawMessagePackBlock)
    {
        Reserve(rawMessagePackBlock.Length);
        rawMessagePackBlock.CopyTo(_span[_used..]);
        _used += rawMessagePackBlock.Length;
    }

    /// <summary>Copies bytes that already are MessagePack.</summary>
    public void WriteRaw(in ReadOnlySequence<byte> rawMessagePackBlock)
    {
        foreach (ReadOnlyMemory<byte> segment in rawMessagePackBlock)
        {
            WriteRaw(segment.Span);
        }
    }

    /// <summary>Writes nil.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteNil() => WriteCode(MessagePackCode.Nil);

    /// <summary>Writes true or false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(bool value) => WriteCode(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes the number of elements of an array; the elements follow.</summary>
    public void WriteArrayHeader(int count) => WriteArrayHeader(checked((uint)count));

    /// <summary>Writes the number of elements of an array; the elements follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteArrayHeader(uint count)
    {
        if (count <= 15)
        {
            WriteCode((byte)(MessagePackCode.MinFixArray | count));
        }
        else
        {
            WriteLength(MessagePackCode.Array16, count);
        }
    }

    /// <summary>Writes the number of entries of a map; keys and values follow in turn.</summary>
    public void WriteMapHeader(int count) => WriteMapHeader(checked((uint)count));

    /// <summary>Writes the number of entries of a map; keys and values follow in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteMapHeader(uint count)
    {
        if (count <= 15)
        {
            WriteCode((byte)(MessagePackCode.MinFixMap | count));
        }
        else
        {
            WriteLength(MessagePackCode.Map16, count);
        }
    }

    /// <summary>Writes bytes, or nil.</summary>
    public void Write(byte[]? src)
    {
        if (src is null)
        {
            WriteNil();
        }
        else
        {
            Write(src.AsSpan());
        }
    }

    /// <summary>Writes bytes.</summary>
    public void Write(scoped ReadOnlySpan<byte> src)
    {
        WriteBinHeader(src.Length);
        WriteRaw(src);
    }

    /// <summary>Writes bytes.</summary>
    public void Write(in ReadOnlySequence<byte> src)
    {
        WriteBinHeader(checked((int)src.Length));
        WriteRaw(src);
    }

    /// <summary>Writes the number of bytes that follow, by <see cref="WriteRaw(ReadOnlySpan{byte})"/> or <see cref="GetSpan"/>.</summary>
    public void WriteBinHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length <= byte.MaxValue)
        {
            WriteCode(MessagePackCode.Bin8, (byte)length);
        }
        else
        {
            WriteLength(MessagePackCode.Bin16, (uint)length);
        }
    }

    /// <summary>Writes what stands before an extension's bytes, which follow.</summary>
    public void WriteExtensionFormatHeader(ExtensionHeader extensionHeader)
    {
        uint length = extensionHeader.Length;
        byte fixedCode = length switch
        {
            1 => MessagePackCode.FixExt1,
            2 => MessagePackCode.FixExt2,
            4 => MessagePackCode.FixExt4,
            8 => MessagePackCode.FixExt8,
            16 => MessagePackCode.FixExt16,
            _ => 0,
        };

        if (fixedCode != 0)
        {
            WriteCode(fixedCode, (byte)extensionHeader.TypeCode);
            return;
        }

        if (length <= byte.MaxValue)
        {
            WriteCode(MessagePackCode.Ext8, (byte)length);
        }
        else
        {
            WriteLength(MessagePackCode.Ext16, length);
        }

        WriteCode((byte)extensionHeader.TypeCode);
    }

    /// <summary>Writes an extension.</summary>
    public void WriteExtensionFormat(ExtensionResult extensionData)
    {
        WriteExtensionFormatHeader(extensionData.Header);
        WriteRaw(extensionData.Data.Span);
    }

    /// <summary>Writes the instant as the specification's timestamp: local time is converted, unspecified time is taken for UTC.</summary>
    public void Write(DateTime dateTime)
    {
        if (dateTime.Kind == DateTimeKind.Local)
        {
            dateTime = dateTime.ToUniversalTime();
        }

        long seconds = Math.DivRem(dateTime.Ticks, TimeSpan.TicksPerSecond, out long ticks);
        seconds -= DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond;
        uint nanoseconds = (uint)ticks * 100;

        if (seconds >> 34 != 0)
        {
            Reserve(15);
            Put(0, MessagePackCode.Ext8);
            Put(1, 12);
            Put(2, unchecked((byte)ExtensionHeader.Timestamp));
            PutUInt32(3, nanoseconds);
            PutUInt64(7, (ulong)seconds);
            _used += 15;
        }
        else if (nanoseconds != 0 || seconds > uint.MaxValue)
        {
            Reserve(10);
            Put(0, MessagePackCode.FixExt8);
            Put(1, unchecked((byte)ExtensionHeader.Timestamp));
            PutUInt64(2, ((ulong)nanoseconds << 34) | (ulong)seconds);
            _used += 10;
        }
        else
        {
            Reserve(6);
            Put(0, MessagePackCode.FixExt4);
            Put(1, unchecked((byte)ExtensionHeader.Timestamp));
            PutUInt32(2, (uint)seconds);
            _used += 6;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int length)
    {
        if (_span.Length - _used < length)
        {
            Refill(length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refill(int length)
    {
        Flush();
        _span = _output.GetSpan(length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteCode(byte code)
    {
        Reserve(1);
        Put(0, code);
        _used++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteCode(byte code, byte operand)
    {
        Reserve(2);
        Put(0, code);
        Put(1, operand);
        _used += 2;
    }

    // The 32-bit form's code follows the 16-bit form's for every family.
    private void WriteLength(byte code16, uint length)
    {
        Reserve(5);
        if (length <= ushort.MaxValue)
        {
            Put(0, code16);
            PutUInt16(1, (ushort)length);
            _used += 3;
        }
        else
        {
            Put(0, (byte)(code16 + 1));
            PutUInt32(1, length);
            _used += 5;
        }
    }

    // The Put methods write behind what is used, into room that Reserve made sure of.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Put(int offset, byte value) => At(offset) = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void PutUInt16(int offset, ushort value)
        => Unsafe.WriteUnaligned(ref At(offset), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void PutUInt32(int offset, uint value)
        => Unsafe.WriteUnaligned(ref At(offset), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void PutUInt64(int offset, ulong value)
        => Unsafe.WriteUnaligned(ref At(offset), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref byte At(int offset) => ref Unsafe.Add(ref MemoryMarshal.GetReference(_span), _used + offset);
}
