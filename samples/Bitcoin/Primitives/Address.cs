using System.Diagnostics.CodeAnalysis;
using NBitcoin;
using NBitcoin.DataEncoders;

namespace Bitcoin.Primitives;

/// <summary>
/// Output scripts as addresses. NBitcoin refuses witness versions that have no meaning yet; Bitcoin Core accepts them.
/// </summary>
public static class Address
{
    private const byte Op1 = 0x51;
    private const int HashLength = 20;

    /// <summary>Parses an address of a network.</summary>
    public static bool TryParse(string text, NetworkParameters network, [NotNullWhen(true)] out Script? script)
    {
        ArgumentNullException.ThrowIfNull(network);
        script = null;
        if (network.AddressPrefix.Length > 0
            && Bech32.TryDecode(network.AddressPrefix, text, out int version, out byte[]? program))
        {
            script = Program(version, program);
        }
        else if (TryBase58(text, out byte[]? payload) && payload.Length == 1 + HashLength)
        {
            script = payload[0] == Version(network, Base58Type.PUBKEY_ADDRESS) ? new KeyId(payload[1..]).ScriptPubKey
                : payload[0] == Version(network, Base58Type.SCRIPT_ADDRESS) ? new ScriptId(payload[1..]).ScriptPubKey
                : null;
        }

        return script is not null;
    }

    /// <summary>The address of a script; null if the script has none.</summary>
    public static string? Format(Script script, NetworkParameters network)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(network);
        ReadOnlySpan<byte> bytes = script.ToBytes(@unsafe: true);
        if (TryProgram(bytes, out int version, out ReadOnlySpan<byte> program))
        {
            return network.AddressPrefix.Length > 0 ? Bech32.Encode(network.AddressPrefix, version, program) : null;
        }

        return bytes is [0x76, 0xa9, HashLength, .., 0x88, 0xac]
            && bytes.Length == 25 ? Base58(Version(network, Base58Type.PUBKEY_ADDRESS), bytes[3..23])
            : bytes is [0xa9, HashLength, .., 0x87]
                && bytes.Length == 23 ? Base58(Version(network, Base58Type.SCRIPT_ADDRESS), bytes[2..22])
            : null;
    }

    /// <summary>Whether a script is a witness program, with its version and program.</summary>
    public static bool TryProgram(ReadOnlySpan<byte> script, out int version, out ReadOnlySpan<byte> program)
    {
        bool isProgram = script.Length is >= 4 and <= 42
            && script[1] == script.Length - 2
            && (script[0] == 0 || script[0] is >= Op1 and < Op1 + 16);
        version = !isProgram || script[0] == 0 ? 0 : script[0] - Op1 + 1;
        program = isProgram ? script[2..] : default;
        return isProgram && (version != 0 || program.Length is 20 or 32);
    }

    /// <summary>The script of a witness program.</summary>
    public static Script Program(int version, ReadOnlySpan<byte> program)
        => Script.FromBytesUnsafe(
            [version == 0 ? (byte)0 : (byte)(Op1 + version - 1), (byte)program.Length, .. program]);

    private static string Base58(byte version, ReadOnlySpan<byte> hash)
        => Encoders.Base58Check.EncodeData([version, .. hash]);

    private static bool TryBase58(string text, [NotNullWhen(true)] out byte[]? payload)
    {
        try
        {
            payload = text.Length <= 100 ? Encoders.Base58Check.DecodeData(text) : null;
        }
        catch (FormatException)
        {
            payload = null;
        }

        return payload is not null;
    }

    internal static byte Version(NetworkParameters network, Base58Type type)
        => network.Network.GetVersionBytes(type, throws: true)![0];
}
