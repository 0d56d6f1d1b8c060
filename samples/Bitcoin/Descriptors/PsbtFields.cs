using System.Buffers.Binary;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>
/// Checks the fields of a PSBT that NBitcoin does not check: those of the script path of taproot, of MuSig2, and which
/// of them a version has.
/// </summary>
internal static class PsbtFields
{
    private const byte VersionField = 0xfb;
    private const int KeyBytes = 33;
    private const uint FirstTime = 500_000_000;

    /// <summary>What is wrong, in Bitcoin Core's words; null for nothing, or for what NBitcoin sees itself.</summary>
    internal static string? WrongWith(byte[] psbt, Network network)
    {
        List<List<PsbtField>> maps = PsbtMaps.Read(psbt);
        List<PsbtField> global = maps[0];

        bool isSecond = Value(global, VersionField) is [2, 0, 0, 0];
        if ((isSecond ? WrongWithSecond(global) : WrongWithFirst(global)) is { } wrong)
        {
            return wrong;
        }

        if (Counts(global, isSecond, network) is not (int inputs, int outputs))
        {
            return null;
        }

        // A map that is cut off lacks fields that it must have; what is in it may be wrong as well.
        isSecond &= maps.Count >= 1 + inputs + outputs;

        return maps.Skip(1).Take(inputs).Select(map => WrongWithInput(map, isSecond))
            .Concat(maps.Skip(1 + inputs).Take(outputs).Select(map => WrongWithOutput(map, isSecond)))
            .FirstOrDefault(static one => one is not null);
    }

    private static string? WrongWithFirst(List<PsbtField> global)
        => global.Exists(static field => field.Key is [>= 2 and <= 6])
            ? "PSBT_GLOBAL fields of version 2 are not allowed in PSBTv0"
            : null;

    private static string? WrongWithSecond(List<PsbtField> global)
    {
        return Value(global, 0) is not null ? "PSBT_GLOBAL_UNSIGNED_TX is not allowed in PSBTv2"
            : Value(global, 2) is null ? "PSBT_GLOBAL_TX_VERSION is required in PSBTv2"
            : Value(global, 4) is null ? "PSBT_GLOBAL_INPUT_COUNT is required in PSBTv2"
            : Value(global, 5) is null ? "PSBT_GLOBAL_OUTPUT_COUNT is required in PSBTv2"
            : null;
    }

    private static string? WrongWithInput(List<PsbtField> map, bool isSecond)
    {
        bool hasSecond = map.Exists(static field => field.Key is [>= 0x0e and <= 0x12]);
        if (isSecond ? Value(map, 0x0e) is null || Value(map, 0x0f) is null : hasSecond)
        {
            return isSecond
                ? "Previous TXID and output index are required in PSBTv2"
                : "Input fields of version 2 are not allowed in PSBTv0";
        }

        return map.Select(WrongWithInput).FirstOrDefault(static one => one is not null);
    }

    private static string? WrongWithInput(PsbtField field)
    {
        (byte[] key, byte[] value) = field;
        bool isParticipants = key[0] == 0x1a;
        return key[0] switch
        {
            0x11 when value.Length == 4 && BinaryPrimitives.ReadUInt32LittleEndian(value) < FirstTime
                => "Required time based locktime is invalid (less than 500000000)",
            0x12 when value.Length == 4 && BinaryPrimitives.ReadUInt32LittleEndian(value) is var height
                && height is 0 or >= FirstTime
                => height == 0
                    ? "Required height based locktime is invalid (0)"
                    : "Required height based locktime is invalid (greater than or equal to 500000000)",
            0x13 when value.Length is not (64 or 65) => "Input Taproot key path signature is not 64 or 65 bytes",
            0x14 when key.Length != 65 => "Input Taproot script signature key is not 65 bytes",
            0x14 when value.Length is not (64 or 65) => "Input Taproot script path signature is not 64 or 65 bytes",
            0x15 when key.Length < 34 => "Taproot leaf script key is not at least 34 bytes",
            0x15 when (key.Length - 2) % 32 != 0 => "Input Taproot leaf script key's control block size is not valid",
            0x15 when value.Length == 0 => "Input Taproot leaf script must be at least 1 byte",
            0x16 => WrongWithPath(field, "Input"),
            0x17 when value.Length != 32 => "Input Taproot internal key is not 32 bytes",
            0x18 when value.Length != 32 => "Input Taproot merkle root is not 32 bytes",
            _ when isParticipants => WrongWithParticipants(field, "Input"),
            0x1b when key.Length is not (67 or 99) => "Input musig2 pubnonce key is not expected size",
            0x1b when value.Length != 66 => "Input musig2 pubnonce value is not 66 bytes",
            0x1c when key.Length is not (67 or 99) => "Input musig2 partial sig key is not expected size",
            0x1c when value.Length != 32 => "Size of value was not the stated size",
            0x1b or 0x1c when !IsKey(key[1..34]) => "musig2 participant pubkey is invalid",
            0x1b or 0x1c when !IsKey(key[34..67]) => "musig2 aggregate pubkey is invalid",
            _ => null,
        };
    }

    private static string? WrongWithOutput(List<PsbtField> map, bool isSecond)
    {
        bool hasSecond = map.Exists(static field => field.Key is [0x03 or 0x04]);
        if (isSecond ? Value(map, 0x03) is null || Value(map, 0x04) is null : hasSecond)
        {
            return isSecond
                ? "Output amount and script are required in PSBTv2"
                : "Output fields of version 2 are not allowed in PSBTv0";
        }

        foreach (PsbtField field in map)
        {
            string? wrong = field.Key[0] switch
            {
                0x05 when field.Value.Length != 32 => "Output Taproot internal key is not 32 bytes",
                0x06 when field.Value.Length == 0 => "Output Taproot tree must not be empty",
                0x06 when !PsbtTaproot.IsWholeTree(field.Value) => "Output Taproot tree is malformed",
                0x07 => WrongWithPath(field, "Output"),
                0x08 => WrongWithParticipants(field, "Output"),
                _ => null,
            };
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return null;
    }

    // The hashes of leaves, a fingerprint, and the steps of a path.
    private static string? WrongWithPath(PsbtField field, string place)
    {
        if (field.Key.Length != KeyBytes)
        {
            return $"{place} Taproot BIP32 keypath key is not at 33 bytes";
        }

        int at = 0;
        ulong? count = PsbtMaps.Count(field.Value, ref at);
        ulong left = (ulong)(field.Value.Length - at);
        return count is null || count > left / 32 || left - (count * 32) < 4 || (left - (count * 32)) % 4 != 0
            ? $"{place} Taproot BIP32 keypath has an invalid length"
            : null;
    }

    private static string? WrongWithParticipants(PsbtField field, string place)
    {
        return field.Key.Length != KeyBytes + 1
            ? $"Size of key was not 34 for the type {place} MuSig2 Participants Pubkeys"
            : !IsKey(field.Key[1..]) ? $"{place} musig2 aggregate pubkey is invalid"
            : field.Value.Chunk(KeyBytes).FirstOrDefault(static key => !IsKey(key)) is not { } wrong ? null
            : wrong.Length < KeyBytes
            ? $"{place} musig2 participants pubkeys value size is not a multiple of 33"
            : $"{place} musig2 participant pubkey is invalid";
    }

    private static bool IsKey(byte[] key) => PubKey.TryCreatePubKey(key, out _);

    private static byte[]? Value(List<PsbtField> map, byte type)
        => map.Find(field => field.Key is [var own] && own == type)?.Value;

    private static (int Inputs, int Outputs)? Counts(List<PsbtField> global, bool isSecond, Network network)
    {
        if (isSecond)
        {
            int first = 0;
            int second = 0;
            return PsbtMaps.Count(Value(global, 4)!, ref first) is { } inputs and < 100_000
                && PsbtMaps.Count(Value(global, 5)!, ref second) is { } outputs and < 100_000
                ? ((int)inputs, (int)outputs)
                : null;
        }

        try
        {
            return Value(global, 0) is { } bytes && PsbtText.Unsigned(bytes, network) is { } transaction
                ? (transaction.Inputs.Count, transaction.Outputs.Count)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or IOException)
        {
            return null;
        }
    }
}
