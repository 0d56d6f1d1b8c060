using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization;

/// <summary>Reads MessagePack from memory.</summary>
/// <remarks>
/// Trusts nothing: no read passes the end, a count is checked against the bytes that remain before anything is made of
/// it, and text must be UTF-8. A read that throws leaves the reader before the value. Spans that are returned are parts
/// of the bytes that are read. Pass it by reference. Not for use by several threads.
/// </remarks>
public ref partial struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>Creates the reader.</summary>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Creates the reader.</summary>
    public MessagePackReader(ReadOnlyMemory<byte> memory)
        : this(memory.Span)
    {
    }

    /// <summary>Creates the reader. A sequence of several segments is copied, so that values are contiguous.</summary>
    public MessagePackReader(in ReadOnlySequence<byte> readOnlySequence)
        : this(readOnlySequence.IsSingleSegment ? readOnlySequence.FirstSpan : readOnlySequence.ToArray())
    {
    }

    /// <summary>How many bytes were read.</summary>
    public readonly int Consumed => _position;

    /// <summary>How many bytes remain.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>Whether all bytes were read.</summary>
    public readonly bool End => _position >= _bytes.Length;

    /// <summary>The first byte of the next value.</summary>
    public readonly byte NextCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Need(1);
            return _bytes[_position];
        }
    }

    /// <summary>The family of the next value.</summary>
    public readonly MessagePackType NextMessagePackType => MessagePackCode.ToMessagePackType(NextCode);

    /// <summary>Whether the next value is nil.</summary>
    public readonly bool IsNil => NextCode == MessagePackCode.Nil;

    /// <summary>A reader at the same place, whose reading does not move this one.</summary>
    public readonly MessagePackReader CreatePeekReader() => this;

    /// <summary>Reads nil.</summary>
    public Nil ReadNil()
    {
        if (!TryReadNil())
        {
            MessagePackErrors.ThrowUnexpected("nil", _position, NextCode);
        }

        return Nil.Default;
    }

    /// <summary>Reads nil if that is the next value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadNil()
    {
        if (NextCode == MessagePackCode.Nil)
        {
            _position++;
            return true;
        }

        return false;
    }

    /// <summary>Reads true or false.</summary>
    public bool ReadBoolean()
    {
        byte code = NextCode;
        if (code is not (MessagePackCode.True or MessagePackCode.False))
        {
            MessagePackErrors.ThrowUnexpected("true or false", _position, code);
        }

        _position++;
        return code == MessagePackCode.True;
    }

    /// <summary>Reads an array header. There are at least as many bytes left as elements announced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadArrayHeader()
    {
        uint count = (uint)NextCode - MessagePackCode.MinFixArray;
        if (count <= 15 && count < (uint)(_bytes.Length - _position))
        {
            _position++;
            return (int)count;
        }

        return ReadCount("an array", MessagePackCode.MinFixArray, MessagePackCode.Array16, 1);
    }

    /// <summary>Reads an array header if it is complete.</summary>
    /// <exception cref="MessagePackSerializationException">The next value is no array, or announces more elements than can follow.</exception>
    public bool TryReadArrayHeader(out int count)
    {
        count = 0;
        if (End || Remaining < HeaderSize(_bytes[_position]))
        {
            return false;
        }

        count = ReadArrayHeader();
        return true;
    }

    /// <summary>Reads a map header. There are at least twice as many bytes left as entries announced.</summary>
    public int ReadMapHeader() => ReadCount("a map", MessagePackCode.MinFixMap, MessagePackCode.Map16, 2);

    /// <summary>Reads a map header if it is complete.</summary>
    /// <exception cref="MessagePackSerializationException">The next value is no map, or announces more entries than can follow.</exception>
    public bool TryReadMapHeader(out int count)
    {
        count = 0;
        if (End || Remaining < HeaderSize(_bytes[_position]))
        {
            return false;
        }

        count = ReadMapHeader();
        return true;
    }

    /// <summary>The next <paramref name="length"/> bytes, whatever they mean.</summary>
    public ReadOnlySpan<byte> ReadRaw(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Need(length);
        ReadOnlySpan<byte> bytes = _bytes.Slice(_position, length);
        _position += length;
        return bytes;
    }

    /// <summary>The bytes of the next value, with all it contains.</summary>
    public ReadOnlySpan<byte> ReadRaw()
    {
        int start = _position;
        Skip();
        return _bytes[start.._position];
    }

    /// <summary>Passes over the next value, with all it contains, in constant memory however deep it nests.</summary>
    public void Skip()
    {
        int start = _position;
        try
        {
            SkipValues();
        }
        catch (MessagePackSerializationException)
        {
            _position = start;
            throw;
        }
    }

    private static int HeaderSize(byte code) => code switch
    {
        MessagePackCode.Array16 or MessagePackCode.Map16 => 3,
        MessagePackCode.Array32 or MessagePackCode.Map32 => 5,
        _ => 1,
    };

    private void SkipValues()
    {
        // A value takes a byte at least, so what is still owed is bounded by what remains; the sum cannot overflow.
        long owed = 1;
        while (owed > 0)
        {
            owed--;
            byte code = NextCode;
            switch (MessagePackCode.ToMessagePackType(code))
            {
                case MessagePackType.Array:
                    owed += ReadArrayHeader();
                    break;
                case MessagePackType.Map:
                    owed += 2L * ReadMapHeader();
                    break;
                case MessagePackType.String:
                    ReadStringSpan();
                    break;
                case MessagePackType.Binary:
                    ReadBinary();
                    break;
                case MessagePackType.Extension:
                    ExtensionHeader header = ReadExtensionFormatHeader();
                    _position += (int)header.Length;
                    break;
                case MessagePackType.Unknown:
                    MessagePackErrors.ThrowUnexpected("a value", _position, code);
                    break;
                default:
                    int size = ScalarSize(code);
                    Need(size);
                    _position += size;
                    break;
            }

            if (owed > Remaining)
            {
                MessagePackErrors.ThrowTruncated(_position, owed, Remaining);
            }
        }
    }

    private static int ScalarSize(byte code) => code switch
    {
        MessagePackCode.UInt8 or MessagePackCode.Int8 => 2,
        MessagePackCode.UInt16 or MessagePackCode.Int16 => 3,
        MessagePackCode.UInt32 or MessagePackCode.Int32 or MessagePackCode.Float32 => 5,
        MessagePackCode.UInt64 or MessagePackCode.Int64 or MessagePackCode.Float64 => 9,
        _ => 1,
    };

    private int ReadCount(string expected, byte fix, byte code16, int bytesPerElement)
    {
        byte code = NextCode;
        uint count;
        int size;
        if ((uint)code - fix <= 15)
        {
            count = (uint)code - fix;
            size = 1;
        }
        else if (code == code16)
        {
            count = PeekUInt16();
            size = 3;
        }
        else if (code == code16 + 1)
        {
            count = PeekUInt32();
            size = 5;
        }
        else
        {
            MessagePackErrors.ThrowUnexpected(expected, _position, code);
            return 0;
        }

        if ((long)count * bytesPerElement > Remaining - size)
        {
            MessagePackErrors.ThrowCountTooLarge(expected[(expected.IndexOf(' ') + 1)..], _position, count, Remaining - size);
        }

        _position += size;
        return (int)count;
    }

    // The operand of the value at the position, behind its one code byte.
    private readonly byte PeekByte()
    {
        Need(2);
        return _bytes[_position + 1];
    }

    private readonly ushort PeekUInt16()
    {
        Need(3);
        return BinaryPrimitives.ReadUInt16BigEndian(_bytes[(_position + 1)..]);
    }

    private readonly uint PeekUInt32()
    {
        Need(5);
        return BinaryPrimitives.ReadUInt32BigEndian(_bytes[(_position + 1)..]);
    }

    private readonly ulong PeekUInt64()
    {
        Need(9);
        return BinaryPrimitives.ReadUInt64BigEndian(_bytes[(_position + 1)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Need(int length)
    {
        if (_bytes.Length - _position < length)
        {
            MessagePackErrors.ThrowTruncated(_position, length, Remaining);
        }
    }
}
