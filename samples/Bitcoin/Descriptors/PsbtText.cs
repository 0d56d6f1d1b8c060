using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>
/// Reads PSBTs. NBitcoin refuses those of version 0 that state their version, and accepts some that are wrong.
/// </summary>
public static class PsbtText
{
    private const int MagicBytes = 5;
    private const byte VersionField = 0xfb;

    /// <summary>Reads a PSBT in Base64.</summary>
    /// <exception cref="FormatException">It is none; other exceptions of NBitcoin mean the same.</exception>
    public static PSBT Parse(string text, Network network)
    {
        byte[] bytes = WithoutFirstVersion(Convert.FromBase64String(text));
        if (PsbtFields.WrongWith(bytes, network) is { } wrong)
        {
            throw new FormatException(wrong);
        }

        PSBT psbt = PSBT.Load(bytes, network);
        foreach (PSBTInput input in psbt.Inputs)
        {
            if (input.NonWitnessUtxo is { } whole && whole.GetHash() != input.PrevOut.Hash)
            {
                throw new FormatException("Non-witness UTXO does not match outpoint hash");
            }

            if (input.NonWitnessUtxo is { } known && input.PrevOut.N >= known.Outputs.Count)
            {
                throw new FormatException("Input specifies output index that does not exist");
            }
        }

        return psbt;
    }

    // The version has no meaning where it is the one that counts without it.
    private static byte[] WithoutFirstVersion(byte[] bytes)
    {
        ReadOnlySpan<byte> zero = [1, VersionField, 4, 0, 0, 0, 0];
        for (int at = MagicBytes; at < bytes.Length && bytes[at] != 0;)
        {
            if (bytes.AsSpan(at).StartsWith(zero))
            {
                return [.. bytes[..at], .. bytes[(at + zero.Length)..]];
            }

            if (Skip(bytes, at) is not { } value || Skip(bytes, value) is not { } next)
            {
                break;
            }

            at = next;
        }

        return bytes;
    }

    // The position after a length and as many bytes; null behind the end.
    private static int? Skip(byte[] bytes, int at)
    {
        if (at >= bytes.Length)
        {
            return null;
        }

        int size = bytes[at] switch { 253 => 3, 254 => 5, 255 => 9, _ => 1 };
        if (at + size > bytes.Length)
        {
            return null;
        }

        ulong length = size == 1 ? bytes[at] : 0UL;
        for (int i = size - 1; i > 0; i--)
        {
            length = (length << 8) | bytes[at + i];
        }

        ulong end = (ulong)(at + size) + length;
        return length <= int.MaxValue && end <= (ulong)bytes.Length ? (int)end : null;
    }
}
