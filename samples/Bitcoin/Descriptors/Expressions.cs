using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>pk, pkh, wpkh, combo, rawtr: one key.</summary>
internal sealed class OneKey(string name, KeyExpression key, bool isTapscript) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => [key];

    public override string ToString() => $"{name}({key.ToPublicText()})";

    // Only of a combination one script is the hash of another.
    public override IEnumerable<Script> InnerScripts(uint index) => name == "combo" && Derive(key, index) is { IsCompressed: true } derived ? [derived.WitHash.ScriptPubKey] : [];

    internal override string ToText(uint index) => $"{name}({key.TextAt(index, isTapscript)})";

    public override IEnumerable<Script> Expand(uint index)
    {
        PubKey derived = Derive(key, index);
        return name switch
        {
            "pk" when isTapscript => [new Script(Op.GetPushOp(derived.TaprootInternalKey.ToBytes()), OpcodeType.OP_CHECKSIG)],
            "pk" => [derived.ScriptPubKey],
            "pkh" => [derived.Hash.ScriptPubKey],
            "wpkh" => [derived.WitHash.ScriptPubKey],
            "rawtr" => [Address.Program(1, derived.TaprootInternalKey.ToBytes())],
            _ => derived.IsCompressed
                ? [derived.ScriptPubKey, derived.Hash.ScriptPubKey, derived.WitHash.ScriptPubKey, derived.WitHash.ScriptPubKey.Hash.ScriptPubKey]
                : [derived.ScriptPubKey, derived.Hash.ScriptPubKey],
        };
    }
}

/// <summary>multi, sortedmulti, multi_a, sortedmulti_a: several keys.</summary>
internal sealed class SeveralKeys(string name, int required, IReadOnlyList<KeyExpression> keys) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => keys;

    public override string ToString() => $"{name}({required},{string.Join(',', keys.Select(static key => key.ToPublicText()))})";

    internal override string ToText(uint index)
    {
        bool isTapscript = name.EndsWith("_a", StringComparison.Ordinal);
        return $"{name}({required},{string.Join(',', keys.Select(key => key.TextAt(index, isTapscript)))})";
    }

    public override IEnumerable<Script> Expand(uint index)
    {
        PubKey[] derived = [.. keys.Select(key => Derive(key, index))];
        bool isTapscript = name.EndsWith("_a", StringComparison.Ordinal);
        byte[][] bytes = [.. derived.Select(key => isTapscript ? key.TaprootInternalKey.ToBytes() : key.ToBytes())];
        if (name.StartsWith("sorted", StringComparison.Ordinal))
        {
            Array.Sort(bytes, static (one, other) => one.AsSpan().SequenceCompareTo(other));
        }

        if (!isTapscript)
        {
            return [new Script([Op.GetPushOp(required), .. bytes.Select(Op.GetPushOp), Op.GetPushOp(bytes.Length), OpcodeType.OP_CHECKMULTISIG])];
        }

        List<Op> operations = [];
        foreach (byte[] key in bytes)
        {
            operations.Add(Op.GetPushOp(key));
            operations.Add(operations.Count == 1 ? OpcodeType.OP_CHECKSIG : OpcodeType.OP_CHECKSIGADD);
        }

        return [new Script([.. operations, Op.GetPushOp(required), OpcodeType.OP_NUMEQUAL])];
    }
}

/// <summary>sh, wsh: the hash of another.</summary>
internal sealed class Hashed(string name, Descriptor inner) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => inner.Keys;

    public override string ToString() => $"{name}({inner})";

    public override IEnumerable<Script> InnerScripts(uint index) => [.. inner.Expand(index), .. inner.InnerScripts(index)];

    public override IEnumerable<Script> Expand(uint index) => inner.Expand(index).Select(script => name == "sh" ? script.Hash.ScriptPubKey : script.WitHash.ScriptPubKey);
}

/// <summary>addr, raw: a script, of which nothing else is known.</summary>
internal sealed class Literal(string text, Script script) : Descriptor
{
    public override bool IsSolvable => false;

    public override IEnumerable<KeyExpression> Keys => [];

    public override string ToString() => text;

    public override IEnumerable<Script> Expand(uint index) => [script];
}

/// <summary>tr: a key, and a tree of scripts.</summary>
internal sealed class TaprootTree(KeyExpression key, IReadOnlyList<(int Depth, Descriptor Leaf)> leaves) : Descriptor
{
    private const byte LeafVersion = 0xc0;

    public override IEnumerable<KeyExpression> Keys => [key, .. leaves.SelectMany(static leaf => leaf.Leaf.Keys)];

    public override string ToString() => leaves.Count == 0 ? $"tr({key.ToPublicText()})" : $"tr({key.ToPublicText()},{TreeText(static leaf => leaf.ToString())})";

    internal override string ToText(uint index)
    {
        string inner = key.TextAt(index, isXOnly: true);
        return leaves.Count == 0 ? $"tr({inner})" : $"tr({inner},{TreeText(leaf => leaf.ToText(index))})";
    }

    public override IEnumerable<Script> Expand(uint index)
    {
        TaprootInternalPubKey inner = Derive(key, index).TaprootInternalKey;
        uint256? root = leaves.Count == 0 ? null : Root(index);
        return [Address.Program(1, inner.GetTaprootFullPubKey(root).ToBytes())];
    }

    private uint256 Root(uint index)
    {
        // As the leaves come, from the left: two of the same depth make their parent.
        List<(int Depth, byte[] Hash)> open = [];
        foreach ((int depth, Descriptor leaf) in leaves)
        {
            byte[] script = leaf.Expand(index).Single().ToBytes();
            open.Add((depth, Tagged("TapLeaf", [LeafVersion, .. Length(script), .. script])));
            while (open.Count > 1 && open[^1].Depth == open[^2].Depth)
            {
                (byte[] left, byte[] right) = (open[^2].Hash, open[^1].Hash);
                byte[] both = left.AsSpan().SequenceCompareTo(right) < 0 ? [.. left, .. right] : [.. right, .. left];
                int parent = open[^1].Depth - 1;
                open.RemoveRange(open.Count - 2, 2);
                open.Add((parent, Tagged("TapBranch", both)));
            }
        }

        return new uint256(open[0].Hash);
    }

    private static byte[] Tagged(string tag, byte[] data)
    {
        byte[] hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(tag));
        return System.Security.Cryptography.SHA256.HashData([.. hash, .. hash, .. data]);
    }

    private static byte[] Length(byte[] script) => script.Length < 253 ? [(byte)script.Length] : [253, (byte)script.Length, (byte)(script.Length >> 8)];

    private string TreeText(Func<Descriptor, string> textOf)
    {
        List<(int Depth, string Text)> open = [];
        foreach ((int depth, Descriptor leaf) in leaves)
        {
            open.Add((depth, textOf(leaf)));
            while (open.Count > 1 && open[^1].Depth == open[^2].Depth)
            {
                (int, string) parent = (open[^1].Depth - 1, $"{{{open[^2].Text},{open[^1].Text}}}");
                open.RemoveRange(open.Count - 2, 2);
                open.Add(parent);
            }
        }

        return open[0].Text;
    }
}
