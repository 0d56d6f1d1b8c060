using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>The description of fields that NBitcoin does not know.</summary>
internal static class PsbtFieldValues
{
    private const byte ProprietaryField = 0xfc;

    private static readonly (byte Field, string Name)[] s_preimages =
    [
        (0x0a, "ripemd160_preimages"), (0x0b, "sha256_preimages"), (0x0c, "hash160_preimages"),
        (0x0d, "hash256_preimages"),
    ];

    internal static void AddPreimages(JsonObject value, PSBTInput input)
    {
        foreach ((byte type, string name) in s_preimages)
        {
            JsonObject found = new(
                input.Unknown.Where(field => field.Key[0] == type).Select(static field => KeyValuePair.Create(
                    Hex(field.Key[1..]), (JsonNode?)Hex(field.Value))));
            if (found.Count > 0)
            {
                value[name] = found;
            }
        }
    }

    internal static void AddParticipants(JsonObject value, PSBTCoin coin)
    {
        Add(value, "musig2_participant_pubkeys", PsbtMusig.Participants(coin).Select(static one => new JsonObject
        {
            ["aggregate_pubkey"] = one.Aggregate.ToHex(),
            ["participant_pubkeys"] = Values.Strings(one.Participants.Select(static key => key.ToHex())),
        }));
    }

    internal static void AddShares(JsonObject value, PSBTInput input)
    {
        Add(value, "musig2_pubnonces", PsbtMusig.Nonces(input).Select(static one => Share(one, "pubnonce")));
        Add(value, "musig2_partial_sigs", PsbtMusig.Signatures(input).Select(static one => Share(one, "partial_sig")));
    }

    /// <summary>Fields that a program made for itself.</summary>
    internal static JsonArray Proprietary(IEnumerable<KeyValuePair<byte[], byte[]>> map)
    {
        return Values.Array(map.Where(static field => IsProprietary(field.Key)).Select(static field =>
        {
            int at = 1;
            int length = (int)Math.Min(PsbtMaps.Count(field.Key, ref at) ?? 0, (ulong)(field.Key.Length - at));
            string identifier = Hex(field.Key[at..(at + length)]);
            at += length;
            return (JsonNode)new JsonObject
            {
                ["identifier"] = identifier,
                ["subtype"] = PsbtMaps.Count(field.Key, ref at) ?? 0,
                ["key"] = Hex(field.Key),
                ["value"] = Hex(field.Value),
            };
        }));
    }

    internal static bool IsProprietary(byte[] key) => key is [ProprietaryField, ..];

    /// <summary>Whether the description of an input or output has a name for a field.</summary>
    internal static bool IsKnown(PSBTCoin coin, byte[] key)
    {
        return IsProprietary(key)
            || (coin is PSBTInput
                ? PsbtTaproot.IsInputField(key) || PsbtMusig.IsInputField(key) || PsbtPreimages.IsField(key)
                : PsbtTaproot.IsOutputField(key) || PsbtMusig.IsOutputField(key));
    }

    private static JsonObject Share(KeyValuePair<MusigShare, byte[]> share, string name)
    {
        JsonObject value = new()
        {
            ["participant_pubkey"] = share.Key.Participant.ToHex(),
            ["aggregate_pubkey"] = share.Key.Aggregate.ToHex(),
        };
        if (share.Key.Leaf is { } leaf)
        {
            value["leaf_hash"] = Hex(leaf.ToBytes());
        }

        value[name] = Hex(share.Value);
        return value;
    }

    private static void Add(JsonObject value, string name, IEnumerable<JsonObject> items)
    {
        JsonArray all = Values.Array(items);
        if (all.Count > 0)
        {
            value[name] = all;
        }
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
