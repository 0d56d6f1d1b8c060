using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Bitcoin.Node.Net.Transport;

/// <summary>
/// Points of the curve as 64 bytes that look random: ElligatorSwift, as BIP324 uses it. NBitcoin does not have it.
/// </summary>
/// <remarks>
/// The bytes are two numbers, u and t, modulo the field's prime. Any two numbers mean the x of a point, and each x has
/// very many pairs. The functions see public numbers only, so their time need not be constant.
/// </remarks>
internal static class ElligatorSwift
{
    /// <summary>The size of an encoded point, in bytes.</summary>
    internal const int Bytes = 64;

    /// <summary>The size of a number, in bytes.</summary>
    internal const int NumberBytes = 32;

    private const int Cases = 8;

    private static readonly BigInteger s_prime = BigInteger.Parse(
        "0fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    private static readonly BigInteger s_rootExponent = (s_prime + 1) / 4;
    private static readonly BigInteger s_half = (s_prime + 1) / 2;

    /// <summary>The root of -3 that is itself a square.</summary>
    private static readonly BigInteger s_rootOfMinus3 = BigInteger.ModPow(s_prime - 3, s_rootExponent, s_prime);

    /// <summary>The x of the point that 64 bytes mean.</summary>
    internal static byte[] Decode(ReadOnlySpan<byte> encoded)
        => ToBytes(Decode(Number(encoded[..NumberBytes]), Number(encoded[NumberBytes..Bytes])));

    /// <summary>Encodes the x of a point, as one of its pairs, chosen at random.</summary>
    internal static byte[] Encode(ReadOnlySpan<byte> x)
    {
        BigInteger number = Number(x);
        while (true)
        {
            // About every fourth attempt succeeds.
            BigInteger u = Number(RandomNumberGenerator.GetBytes(NumberBytes));
            if (!u.IsZero && Invert(number, u, RandomNumberGenerator.GetInt32(Cases)) is { } t)
            {
                return [.. ToBytes(u), .. ToBytes(t)];
            }
        }
    }

    private static BigInteger Decode(BigInteger u, BigInteger t)
    {
        u = u.IsZero ? BigInteger.One : u;
        t = t.IsZero ? BigInteger.One : t;
        if (Reduce(Curve(u) + (t * t)).IsZero)
        {
            t = Reduce(2 * t);
        }

        BigInteger x = Divide(Curve(u) - (t * t), 2 * t);
        BigInteger y = Divide(x + t, s_rootOfMinus3 * u);
        BigInteger ratio = Divide(x, y);
        BigInteger first = Reduce(u + (4 * y * y));
        BigInteger second = Reduce((-ratio - u) * s_half);
        return IsOnCurve(first) ? first : IsOnCurve(second) ? second : Reduce((ratio - u) * s_half);
    }

    /// <summary>The t that, with u, means x.</summary>
    /// <param name="x">The x of a point.</param>
    /// <param name="u">The first number; not zero.</param>
    /// <param name="way">Which of up to eight results, 0 to 7.</param>
    /// <returns>The result; null if this one does not exist.</returns>
    private static BigInteger? Invert(BigInteger x, BigInteger u, int way)
    {
        BigInteger v;
        BigInteger s;
        if ((way & 2) == 0)
        {
            // Otherwise x would be found in another place of the three.
            if (IsOnCurve(Reduce(-x - u)))
            {
                return null;
            }

            v = x;
            s = Divide(-Curve(u), (u * u) + (u * v) + (v * v));
        }
        else
        {
            s = Reduce(x - u);
            if (s.IsZero || Root(Reduce(-s * ((4 * Curve(u)) + (3 * s * u * u)))) is not { } root)
            {
                return null;
            }

            if ((way & 1) != 0 && root.IsZero)
            {
                return null;
            }

            v = Reduce((Divide(root, s) - u) * s_half);
        }

        if (Root(s) is not { } w)
        {
            return null;
        }

        BigInteger sign = (way & 1) == 0 ? -1 : 1;
        BigInteger factor = Reduce(u * (1 + (sign * s_rootOfMinus3)) * s_half) + v;
        bool isNegative = (way & 5) is 0 or 5;
        return Reduce((isNegative ? -w : w) * factor);
    }

    private static BigInteger Curve(BigInteger x) => Reduce((x * x * x) + 7);

    private static bool IsOnCurve(BigInteger x) => Root(Curve(x)) is not null;

    private static BigInteger? Root(BigInteger square)
    {
        BigInteger root = BigInteger.ModPow(square, s_rootExponent, s_prime);
        return root * root % s_prime == square ? root : null;
    }

    private static BigInteger Divide(BigInteger number, BigInteger divisor)
        => Reduce(number * BigInteger.ModPow(Reduce(divisor), s_prime - 2, s_prime));

    private static BigInteger Reduce(BigInteger number)
    {
        BigInteger rest = number % s_prime;
        return rest.Sign < 0 ? rest + s_prime : rest;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes)
        => new BigInteger(bytes, isUnsigned: true, isBigEndian: true) % s_prime;

    private static byte[] ToBytes(BigInteger number)
    {
        byte[] bytes = new byte[NumberBytes];
        int length = number.GetByteCount(isUnsigned: true);
        number.TryWriteBytes(bytes.AsSpan(NumberBytes - length), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}
