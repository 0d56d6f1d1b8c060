using System.Buffers.Binary;
using System.Numerics;

namespace Bitcoin.Primitives;

/// <summary>An unsigned 256-bit number: a hash read as one, or the target it must not exceed.</summary>
/// <remarks>Comparison is the hot operation (once a nonce), so it works on four words; arithmetic is rare and goes through <see cref="BigInteger"/>.</remarks>
public readonly struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>
{
    /// <summary>How many bytes the number has.</summary>
    public const int Size = 32;

    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    /// <summary>Reads the number from 32 bytes, least significant first.</summary>
    /// <exception cref="ArgumentException">The span does not hold exactly 32 bytes.</exception>
    public UInt256(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian.Length != Size)
        {
            throw new ArgumentException($"A 256-bit number: expected {Size} bytes, came {littleEndian.Length}.", nameof(littleEndian));
        }

        _word0 = BinaryPrimitives.ReadUInt64LittleEndian(littleEndian);
        _word1 = BinaryPrimitives.ReadUInt64LittleEndian(littleEndian[8..]);
        _word2 = BinaryPrimitives.ReadUInt64LittleEndian(littleEndian[16..]);
        _word3 = BinaryPrimitives.ReadUInt64LittleEndian(littleEndian[24..]);
    }

    /// <summary>Zero.</summary>
    public static UInt256 Zero => default;

    /// <summary>Whether the number is zero.</summary>
    public bool IsZero => (_word0 | _word1 | _word2 | _word3) == 0;

    /// <summary>Converts from a big integer.</summary>
    /// <exception cref="OverflowException">The value is negative or needs more than 256 bits.</exception>
    public static UInt256 FromBigInteger(BigInteger value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (value.Sign < 0 || !value.TryWriteBytes(bytes, out _, isUnsigned: true))
        {
            throw new OverflowException($"A 256-bit number: expected 0 to 2^256-1, came {value}.");
        }

        return new UInt256(bytes);
    }

    /// <summary>The same number as a big integer.</summary>
    public BigInteger ToBigInteger()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    /// <summary>Writes the 32 bytes, least significant first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter than 32 bytes.</exception>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, _word0);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], _word1);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], _word2);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _word3);
    }

    /// <inheritdoc/>
    public int CompareTo(UInt256 other)
    {
        int order = _word3.CompareTo(other._word3);
        order = order != 0 ? order : _word2.CompareTo(other._word2);
        order = order != 0 ? order : _word1.CompareTo(other._word1);
        return order != 0 ? order : _word0.CompareTo(other._word0);
    }

    /// <inheritdoc/>
    public bool Equals(UInt256 other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_word0, _word1, _word2, _word3);

    /// <summary>64 hexadecimal digits, most significant first.</summary>
    public override string ToString() => $"{_word3:x16}{_word2:x16}{_word1:x16}{_word0:x16}";

    /// <summary>Equality.</summary>
    public static bool operator ==(UInt256 left, UInt256 right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(UInt256 left, UInt256 right) => !left.Equals(right);

    /// <summary>Numeric order.</summary>
    public static bool operator <(UInt256 left, UInt256 right) => left.CompareTo(right) < 0;

    /// <summary>Numeric order.</summary>
    public static bool operator >(UInt256 left, UInt256 right) => left.CompareTo(right) > 0;

    /// <summary>Numeric order.</summary>
    public static bool operator <=(UInt256 left, UInt256 right) => left.CompareTo(right) <= 0;

    /// <summary>Numeric order.</summary>
    public static bool operator >=(UInt256 left, UInt256 right) => left.CompareTo(right) >= 0;
}
