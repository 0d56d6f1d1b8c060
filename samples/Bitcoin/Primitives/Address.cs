using System.Diagnostics.CodeAnalysis;

namespace Bitcoin.Primitives;

/// <summary>Output scripts as users write them.</summary>
public static class Address
{
    private const byte Op1 = 0x51;
    private const int HashLength = 20;

    /// <summary>The script that pays to an address, if it is one of this network.</summary>
    public static bool TryParse(string text, NetworkParameters network, [NotNullWhen(true)] out byte[]? script)
    {
        script = null;
        if (Bech32.TryDecode(network.AddressPrefix, text, out int version, out byte[]? program))
        {
            script = [version == 0 ? (byte)0 : (byte)(Op1 + version - 1), (byte)program.Length, .. program];
        }
        else if (Base58.TryDecode(text, out byte[]? payload) && payload.Length == 1 + HashLength)
        {
            script = payload[0] == network.PublicKeyVersion ? [0x76, 0xa9, HashLength, .. payload[1..], 0x88, 0xac]
                : payload[0] == network.ScriptVersion ? [0xa9, HashLength, .. payload[1..], 0x87]
                : null;
        }

        return script is not null;
    }

    /// <summary>The address of a witness program; null for any other script.</summary>
    public static string? Format(ReadOnlySpan<byte> script, NetworkParameters network)
    {
        bool isProgram = script.Length is >= 4 and <= 42 && script[1] == script.Length - 2 && (script[0] == 0 || script[0] is >= Op1 and < Op1 + 16);
        return isProgram ? Bech32.Encode(network.AddressPrefix, script[0] == 0 ? 0 : script[0] - Op1 + 1, script[2..]) : null;
    }
}
