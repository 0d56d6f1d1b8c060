using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>
/// The kind of an output script, in Bitcoin Core's classification. NBitcoin's templates have other kinds, and accept
/// more scripts.
/// </summary>
public enum ScriptKind
{
    /// <summary>Anything else.</summary>
    Nonstandard,

    /// <summary>Anybody may spend it; allowed by a rule of relaying.</summary>
    Anchor,

    /// <summary>A key.</summary>
    PublicKey,

    /// <summary>A key's hash.</summary>
    PublicKeyHash,

    /// <summary>A script's hash.</summary>
    ScriptHash,

    /// <summary>Several keys.</summary>
    Multisig,

    /// <summary>Data; nobody can spend it.</summary>
    Data,

    /// <summary>A key's hash; spent with a witness.</summary>
    WitnessKeyHash,

    /// <summary>A script's hash; spent with a witness.</summary>
    WitnessScriptHash,

    /// <summary>Taproot.</summary>
    Taproot,

    /// <summary>A witness version without a meaning yet.</summary>
    WitnessUnknown,
}

/// <summary>Classifies output scripts.</summary>
public static class ScriptKinds
{
    private const byte Op1 = 0x51;
    private const byte Op16 = 0x60;
    private const byte CheckMultisig = 0xae;

    /// <summary>Bitcoin Core's name of a kind.</summary>
    public static string Name(this ScriptKind kind) => kind switch
    {
        ScriptKind.Anchor => "anchor",
        ScriptKind.PublicKey => "pubkey",
        ScriptKind.PublicKeyHash => "pubkeyhash",
        ScriptKind.ScriptHash => "scripthash",
        ScriptKind.Multisig => "multisig",
        ScriptKind.Data => "nulldata",
        ScriptKind.WitnessKeyHash => "witness_v0_keyhash",
        ScriptKind.WitnessScriptHash => "witness_v0_scripthash",
        ScriptKind.Taproot => "witness_v1_taproot",
        ScriptKind.WitnessUnknown => "witness_unknown",
        _ => "nonstandard",
    };

    /// <summary>The kind of a script.</summary>
    public static ScriptKind Of(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ReadOnlySpan<byte> bytes = script.ToBytes(@unsafe: true);
        if (bytes is [0xa9, 20, .., 0x87] && bytes.Length == 23)
        {
            return ScriptKind.ScriptHash;
        }

        bool isProgram = Currency.Current.HasWitnesses
            && bytes.Length is >= 4 and <= 42
            && bytes[1] == bytes.Length - 2
            && (bytes[0] == 0 || bytes[0] is >= Op1 and <= Op16);
        if (isProgram)
        {
            return (bytes[0], bytes.Length) switch
            {
                (0, 22) => ScriptKind.WitnessKeyHash,
                (0, 34) => ScriptKind.WitnessScriptHash,
                (Op1, 34) => ScriptKind.Taproot,
                (Op1, 4) when bytes[2] == 0x4e && bytes[3] == 0x73 => ScriptKind.Anchor,
                (0, _) => ScriptKind.Nonstandard,
                _ => ScriptKind.WitnessUnknown,
            };
        }

        if (bytes.Length > 0 && bytes[0] == 0x6a && IsPushOnly(bytes[1..]))
        {
            return ScriptKind.Data;
        }

        return bytes is [33, 2 or 3, .., 0xac] && bytes.Length == 35 ? ScriptKind.PublicKey
            : bytes is [65, 4 or 6 or 7, .., 0xac] && bytes.Length == 67 ? ScriptKind.PublicKey
            : bytes is [0x76, 0xa9, 20, .., 0x88, 0xac] && bytes.Length == 25 ? ScriptKind.PublicKeyHash
            : TryMultisig(bytes, out _, out _) ? ScriptKind.Multisig
            : ScriptKind.Nonstandard;
    }

    /// <summary>Whether a script asks for some of several keys, with their number and the keys.</summary>
    public static bool TryMultisig(ReadOnlySpan<byte> script, out int required, out List<byte[]> keys)
    {
        const int MaxKeys = 20;
        keys = [];
        required = 0;
        if (script.IsEmpty || script[^1] != CheckMultisig || !TryCount(ref script, out required))
        {
            return false;
        }

        while (script.Length > 1 && script[0] is 33 or 65 && script.Length > script[0])
        {
            byte[] key = script[1..(script[0] + 1)].ToArray();
            if (!(key.Length == 33 ? key[0] is 2 or 3 : key[0] is 4 or 6 or 7))
            {
                return false;
            }

            keys.Add(key);
            script = script[(script[0] + 1)..];
        }

        return TryCount(ref script, out int count)
            && count == keys.Count
            && count is > 0 and <= MaxKeys
            && required >= 1
            && required <= count
            && script.Length == 1;
    }

    /// <summary>Whether a script only pushes data.</summary>
    public static bool IsPushOnly(ReadOnlySpan<byte> script)
    {
        while (!script.IsEmpty)
        {
            byte code = script[0];
            script = script[1..];
            int lengthBytes = code switch { 0x4c => 1, 0x4d => 2, 0x4e => 4, _ => 0 };
            if (code > Op16 || script.Length < lengthBytes)
            {
                return false;
            }

            long length = code < 0x4c ? code : 0;
            for (int i = 0; i < lengthBytes; i++)
            {
                length |= (long)script[i] << (8 * i);
            }

            if (script.Length - lengthBytes < length)
            {
                return false;
            }

            script = script[(lengthBytes + (int)length)..];
        }

        return true;
    }

    /// <summary>Reads a number of keys: a small one is an opcode, a larger one a push of one byte.</summary>
    private static bool TryCount(ref ReadOnlySpan<byte> script, out int count)
    {
        count = 0;
        if (script.Length > 0 && script[0] is >= Op1 and <= Op16)
        {
            count = script[0] - Op1 + 1;
            script = script[1..];
            return true;
        }

        if (script.Length > 1 && script[0] == 1 && script[1] is > 16 and <= 20)
        {
            count = script[1];
            script = script[2..];
            return true;
        }

        return false;
    }
}
