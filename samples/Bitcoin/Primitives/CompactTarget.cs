using System.Numerics;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>A target in 32 bits, as a header has it: a mantissa and an exponent.</summary>
public static class CompactTarget
{
    /// <summary>Decodes a compact target; false if it is negative, zero, or too large.</summary>
    public static bool TryExpand(uint bits, out BigInteger target)
    {
        int exponent = (int)(bits >> 24);
        uint mantissa = bits & 0x007fffff;
        target = exponent <= 3 ? mantissa >> (8 * (3 - exponent)) : (BigInteger)mantissa << (8 * (exponent - 3));
        return (bits & 0x00800000) == 0 && target.Sign > 0 && target.GetBitLength() <= 256;
    }

    /// <summary>Encodes a target, rounded down.</summary>
    public static uint Compress(BigInteger target) => new Target(target).ToCompact();
}
