using NBitcoin.DataEncoders;

namespace Bitcoin.Primitives;

/// <summary>Describes the error in an address and its position, in Bitcoin Core's words.</summary>
public static class AddressErrors
{
    private const int MaxBech32 = 90;
    private const int HashLength = 20;

    /// <summary>Explains why a text is not an address of a network.</summary>
    public static (string Error, int[] Locations) Explain(string text, NetworkParameters network)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(network);
        string prefix = network.AddressPrefix;
        bool isBech32 = prefix.Length > 0
            && text.Length >= prefix.Length
            && text[..prefix.Length].Equals(prefix, StringComparison.OrdinalIgnoreCase);
        return isBech32 ? ExplainBech32(text, prefix) : (ExplainBase58(text, network), []);
    }

    private static string ExplainBase58(string text, NetworkParameters network)
    {
        byte[]? data = Try(() => Encoders.Base58Check.DecodeData(text));
        if (text.Length > 100
            || (data is null && Try(() => Encoders.Base58.DecodeData(text)) is not { Length: > 0 and <= 100 }))
        {
            return network.AddressPrefix.Length > 0
                ? "Invalid or unsupported Segwit (Bech32) or Base58 encoding."
                : "Invalid or unsupported Base58 encoding.";
        }

        if (data is null || data.Length > 1 + HashLength)
        {
            return "Invalid checksum or length of Base58 address (P2PKH or P2SH)";
        }

        bool isKnown = data.Length > 0
            && (Address.Version(network, NBitcoin.Base58Type.PUBKEY_ADDRESS) == data[0]
                || Address.Version(network, NBitcoin.Base58Type.SCRIPT_ADDRESS) == data[0]);
        return isKnown
            ? "Invalid length for Base58 address (P2PKH or P2SH)"
            : "Invalid or unsupported Base58-encoded address.";
    }

    private static (string, int[]) ExplainBech32(string text, string prefix)
    {
        if (Bech32.TryRead(text, out string found, out byte[] values, out bool isFirst))
        {
            return (ExplainContents(prefix, found, values, isFirst), []);
        }

        if (text.Length > MaxBech32)
        {
            return ("Bech32 string too long", [.. Enumerable.Range(MaxBech32, text.Length - MaxBech32)]);
        }

        int[] odd = OddCharacters(text);
        if (odd.Length > 0)
        {
            return ("Invalid character or mixed case", odd);
        }

        int separator = text.LastIndexOf('1');
        if (separator < 0)
        {
            return ("Missing separator", []);
        }

        if (separator == 0 || separator + Bech32.ChecksumLength >= text.Length)
        {
            return ("Invalid separator position", [separator]);
        }

        string lower = text.ToLowerInvariant();
        for (int i = separator + 1; i < text.Length; i++)
        {
            if (!Bech32.Alphabet.Contains(lower[i], StringComparison.Ordinal))
            {
                return ("Invalid Base 32 character", [i]);
            }
        }

        int[]? asFirst = Bech32.Locate(lower, separator, isFirst: true);
        int[]? asLater = Bech32.Locate(lower, separator, isFirst: false);
        bool prefersLater = asLater is not null && (asFirst is null || asLater.Length <= asFirst.Length);
        return prefersLater ? (asFirst?.Length == asLater!.Length
            ? "Invalid checksum"
            : "Invalid Bech32m checksum", asFirst?.Length == asLater!.Length
            ? []
            : asLater)
            : asFirst is not null ? ("Invalid Bech32 checksum", asFirst)
            : ("Invalid checksum", []);
    }

    private static string ExplainContents(string prefix, string found, byte[] values, bool isFirst)
    {
        if (values.Length == 0)
        {
            return "Empty Bech32 data section";
        }

        if (found != prefix)
        {
            return $"Invalid or unsupported prefix for Segwit (Bech32) address (expected {prefix}, got {found}).";
        }

        int version = values[0];
        if (version == 0 && !isFirst)
        {
            return "Version 0 witness address must use Bech32 checksum";
        }

        if (version != 0 && isFirst)
        {
            return "Version 1+ witness address must use Bech32m checksum";
        }

        if (Bech32.Regroup(values.AsSpan(1), 5, 8, pad: false) is not { } program)
        {
            return "Invalid padding in Bech32 data section";
        }

        string size = program.Length == 1 ? "1 byte" : $"{program.Length} bytes";
        return version == 0 ? $"Invalid Bech32 v0 address program size ({size}), per BIP141"
            : version > 16 ? "Invalid Bech32 address witness version"
            : $"Invalid Bech32 address program size ({size})";
    }

    private static int[] OddCharacters(string text)
    {
        bool hasLower = false;
        bool hasUpper = false;
        List<int> odd = [];
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (char.IsAsciiLetterLower(letter))
            {
                hasLower = true;
                if (hasUpper)
                {
                    odd.Add(i);
                }
            }
            else if (char.IsAsciiLetterUpper(letter))
            {
                hasUpper = true;
                if (hasLower)
                {
                    odd.Add(i);
                }
            }
            else if (letter is < (char)33 or > (char)126)
            {
                odd.Add(i);
            }
        }

        return [.. odd];
    }

    private static byte[]? Try(Func<byte[]> decode)
    {
        try
        {
            return decode();
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
