using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;

namespace Bitcoin.Primitives;

/// <summary>Bytes with a checksum as text, as the first addresses were written.</summary>
internal static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int ChecksumLength = 4;

    internal static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? payload)
    {
        payload = null;
        BigInteger number = 0;
        foreach (char letter in text.Length <= 64 ? text : "0")
        {
            int value = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            number = (number * Alphabet.Length) + value;
        }

        int zeros = text.TakeWhile(static letter => letter == '1').Count();
        byte[] bytes = [.. new byte[zeros], .. number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true)];
        int length = bytes.Length - ChecksumLength;
        if (length < 0 || !SHA256.HashData(SHA256.HashData(bytes.AsSpan(0, length))).AsSpan(0, ChecksumLength).SequenceEqual(bytes.AsSpan(length)))
        {
            return false;
        }

        payload = bytes[..length];
        return true;
    }
}
