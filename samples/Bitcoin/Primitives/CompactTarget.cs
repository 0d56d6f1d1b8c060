using System.Numerics;

namespace Bitcoin.Primitives;

/// <summary>A 256-bit proof-of-work target in the 32 bits a block header has for it: a byte of length, three of mantissa.</summary>
/// <param name="Bits">The encoded form, as in the header.</param>
public readonly record struct CompactTarget(uint Bits)
{
    private const uint SignBit = 0x0080_0000;
    private const uint MantissaMask = 0x007f_ffff;

    /// <summary>The target, unless the bits say a negative number or one of more than 256 bits. Zero is a target here, though no hash meets it.</summary>
    public bool TryExpand(out UInt256 target)
    {
        target = default;
        int length = (int)(Bits >> 24);
        uint mantissa = Bits & MantissaMask;
        if (length <= 3)
        {
            mantissa >>= 8 * (3 - length);
        }

        if (mantissa == 0)
        {
            return true;
        }

        bool negative = (Bits & SignBit) != 0;
        bool overflow = length > 34 || (mantissa > 0xff && length > 33) || (mantissa > 0xffff && length > 32);
        if (negative || overflow)
        {
            return false;
        }

        BigInteger value = mantissa;
        target = UInt256.FromBigInteger(length <= 3 ? value : value << (8 * (length - 3)));
        return true;
    }

    /// <summary>The encoded form of a target; digits beyond the mantissa are cut off.</summary>
    public static CompactTarget FromTarget(UInt256 target)
    {
        BigInteger value = target.ToBigInteger();
        int length = value.IsZero ? 0 : (int)((value.GetBitLength() + 7) / 8);
        uint mantissa = (uint)(length <= 3 ? value << (8 * (3 - length)) : value >> (8 * (length - 3)));

        // The mantissa's top bit is a sign: a number that would set it moves down by a byte.
        if ((mantissa & SignBit) != 0)
        {
            mantissa >>= 8;
            length++;
        }

        return new CompactTarget(mantissa | ((uint)length << 24));
    }

    /// <summary>How many hashes it takes on average to meet the target, 2^256 / (target + 1); zero when the target is unusable.</summary>
    public BigInteger Work()
    {
        return TryExpand(out UInt256 target) && !target.IsZero
            ? (BigInteger.One << 256) / (target.ToBigInteger() + 1)
            : BigInteger.Zero;
    }

    /// <summary>Eight hexadecimal digits.</summary>
    public override string ToString() => $"{Bits:x8}";
}
