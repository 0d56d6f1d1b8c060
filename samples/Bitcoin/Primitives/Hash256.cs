using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Bitcoin.Primitives;

/// <summary>A double SHA-256: names a block or a transaction. Shown, as everywhere in Bitcoin, with its bytes reversed.</summary>
public readonly struct Hash256 : IEquatable<Hash256>
{
    /// <summary>How many bytes a hash has.</summary>
    public const int Size = UInt256.Size;

    private readonly UInt256 _number;

    /// <summary>Takes the 32 bytes in the order in which the hash function gave them.</summary>
    /// <exception cref="ArgumentException">The span does not hold exactly 32 bytes.</exception>
    public Hash256(ReadOnlySpan<byte> bytes) => _number = new UInt256(bytes);

    private Hash256(UInt256 number) => _number = number;

    /// <summary>All zero: the "no transaction" of a coinbase input and the parent of a genesis block.</summary>
    public static Hash256 Zero => default;

    /// <summary>Whether every byte is zero.</summary>
    public bool IsZero => _number.IsZero;

    /// <summary>SHA-256 of the SHA-256 of the data.</summary>
    public static Hash256 Compute(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Size];
        SHA256.HashData(data, digest);
        SHA256.HashData(digest, digest);
        return new Hash256(digest);
    }

    /// <summary>SHA-256 of the SHA-256 of two hashes, one behind the other: a node of a merkle tree.</summary>
    public static Hash256 Combine(Hash256 left, Hash256 right)
    {
        Span<byte> pair = stackalloc byte[2 * Size];
        left.Write(pair);
        right.Write(pair[Size..]);
        return Compute(pair);
    }

    /// <summary>Reads the displayed form: 64 hexadecimal digits, in either case.</summary>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits.</exception>
    public static Hash256 Parse(string text)
    {
        return TryParse(text, out Hash256 hash)
            ? hash
            : throw new FormatException($"A hash: expected {2 * Size} hexadecimal digits, came '{text}'.");
    }

    /// <summary>Reads the displayed form, if it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Hash256 hash)
    {
        hash = default;
        if (text is not { Length: 2 * Size })
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        for (int i = 0; i < Size; i++)
        {
            if (!byte.TryParse(text.AsSpan(2 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[Size - 1 - i]))
            {
                return false;
            }
        }

        hash = new Hash256(bytes);
        return true;
    }

    /// <summary>The hash as a number, to be compared with a target.</summary>
    public UInt256 ToNumber() => _number;

    /// <summary>The hash whose bytes are those of a number.</summary>
    public static Hash256 FromNumber(UInt256 number) => new(number);

    /// <summary>Writes the 32 bytes in the order of the hash function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter than 32 bytes.</exception>
    public void Write(Span<byte> destination) => _number.Write(destination);

    /// <summary>The 32 bytes in the order of the hash function.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(Hash256 other) => _number.Equals(other._number);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Hash256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number.GetHashCode();

    /// <summary>64 hexadecimal digits, bytes reversed.</summary>
    public override string ToString() => _number.ToString();

    /// <summary>Equality.</summary>
    public static bool operator ==(Hash256 left, Hash256 right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(Hash256 left, Hash256 right) => !left.Equals(right);
}
