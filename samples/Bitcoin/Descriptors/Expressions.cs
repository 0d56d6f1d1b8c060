using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>pk, pkh, wpkh, combo, rawtr: one key; unused: one that no script is made of.</summary>
internal sealed class OneKey(string name, KeyExpression key, bool isTapscript) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => key.WithParticipants;

    public override string Format(Func<KeyExpression, string> keyText) => $"{name}({keyText(key)})";

    public override bool IsSingleType => name != "combo";

    public override bool IsUnused => name == "unused";

    public override OutputType? OutputType => name switch
    {
        "pkh" => Descriptors.OutputType.Legacy,
        "wpkh" => Descriptors.OutputType.Bech32,
        "rawtr" => Descriptors.OutputType.Bech32m,
        _ => null,
    };

    // Only the scripts of a combo contain the hash of another one.
    public override IEnumerable<Script> InnerScripts(uint index)
        => name == "combo" && Currency.Current.HasWitnesses && Derive(key, index) is { IsCompressed: true } derived
            ? [derived.WitHash.ScriptPubKey]
            : [];

    internal override string ToText(uint index) => $"{name}({key.TextAt(index, isTapscript)})";

    public override IEnumerable<Script> Expand(uint index)
    {
        PubKey derived = Derive(key, index);
        return name switch
        {
            "unused" => [],
            "pk" when isTapscript
                => [new Script(Op.GetPushOp(derived.TaprootInternalKey.ToBytes()), OpcodeType.OP_CHECKSIG)],
            "pk" => [derived.ScriptPubKey],
            "pkh" => [derived.Hash.ScriptPubKey],
            "wpkh" => [derived.WitHash.ScriptPubKey],
            "rawtr" => [Address.Program(1, derived.TaprootInternalKey.ToBytes())],
            _ => derived.IsCompressed && Currency.Current.HasWitnesses
                ? [
                    derived.ScriptPubKey,
                    derived.Hash.ScriptPubKey,
                    derived.WitHash.ScriptPubKey,
                    derived.WitHash.ScriptPubKey.Hash.ScriptPubKey
                ]
                : [derived.ScriptPubKey, derived.Hash.ScriptPubKey],
        };
    }
}

/// <summary>multi, sortedmulti, multi_a, sortedmulti_a: several keys.</summary>
internal sealed class SeveralKeys(string name, int required, IReadOnlyList<KeyExpression> keys) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => keys.SelectMany(static key => key.WithParticipants);

    public override string Format(Func<KeyExpression, string> keyText)
        => $"{name}({required},{string.Join(',', keys.Select(keyText))})";

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
            return
            [
                new Script(
                [
                    Op.GetPushOp(required),
                    .. bytes.Select(Op.GetPushOp),
                    Op.GetPushOp(bytes.Length),
                    OpcodeType.OP_CHECKMULTISIG
                ])
            ];
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

/// <summary>sh, wsh: the hash of another descriptor's script.</summary>
internal sealed class Hashed(string name, Descriptor inner) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => inner.Keys;

    public override IEnumerable<string> Warnings => inner.Warnings;

    public override string Format(Func<KeyExpression, string> keyText) => $"{name}({inner.Format(keyText)})";

    public override OutputType? OutputType => name == "wsh" ? Descriptors.OutputType.Bech32
        : inner.OutputType == Descriptors.OutputType.Bech32 ? Descriptors.OutputType.P2shSegwit
        : Descriptors.OutputType.Legacy;

    public override IEnumerable<Script> InnerScripts(uint index)
        => [.. inner.Expand(index), .. inner.InnerScripts(index)];

    public override IEnumerable<Script> Expand(uint index)
        => inner.Expand(index).Select(script => name == "sh" ? script.Hash.ScriptPubKey : script.WitHash.ScriptPubKey);
}

/// <summary>addr, raw: a script about which nothing else is known.</summary>
internal sealed class Literal(string text, Script script) : Descriptor
{
    public override bool IsSolvable => false;

    public override IEnumerable<KeyExpression> Keys => [];

    public override string Format(Func<KeyExpression, string> keyText) => text;

    public override OutputType? OutputType => ScriptKinds.Of(script) switch
    {
        ScriptKind.PublicKeyHash or ScriptKind.ScriptHash => Descriptors.OutputType.Legacy,
        ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash => Descriptors.OutputType.Bech32,
        ScriptKind.Taproot or ScriptKind.WitnessUnknown => Descriptors.OutputType.Bech32m,
        _ => null,
    };

    public override IEnumerable<Script> Expand(uint index) => [script];
}

/// <summary>tr: a key, and a tree of scripts.</summary>
internal sealed class TaprootTree(KeyExpression key, IReadOnlyList<(int Depth, Descriptor Leaf)> leaves) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys
        => [.. key.WithParticipants, .. leaves.SelectMany(static leaf => leaf.Leaf.Keys)];

    public override IEnumerable<string> Warnings => leaves.SelectMany(static leaf => leaf.Leaf.Warnings);

    public override string Format(Func<KeyExpression, string> keyText)
        => leaves.Count == 0 ? $"tr({keyText(key)})" : $"tr({keyText(key)},{TreeText(leaf => leaf.Format(keyText))})";

    public override OutputType? OutputType => Descriptors.OutputType.Bech32m;

    public override TaprootSpending? TaprootSpending(uint index)
    {
        TaprootInternalPubKey inner = Derive(key, index).TaprootInternalKey;
        if (leaves.Count == 0)
        {
            return new TaprootSpending(inner, null, []);
        }

        Node root = Tree(index);
        uint256 hash = new(root.Hash);
        byte parity = (byte)(inner.GetTaprootFullPubKey(hash).OutputKeyParity ? 1 : 0);
        return new TaprootSpending(
            inner,
            hash,
            [.. root.Leaves.Select(leaf => new TaprootLeafProof(
                leaf.Script,
                new uint256(leaf.Hash),
                [
                    (byte)(TaprootHashes.LeafVersion | parity),
                    .. inner.ToBytes(),
                    .. leaf.Path.SelectMany(static step => step)
                ],
                leaf.Path.Count))]);
    }

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

    private uint256 Root(uint index) => new(Tree(index).Hash);

    private Node Tree(uint index)
    {
        // The leaves come from left to right. Two nodes of the same depth are joined to their parent.
        List<(int Depth, Node Node)> open = [];
        foreach ((int depth, Descriptor leaf) in leaves)
        {
            Script code = leaf.Expand(index).Single();
            byte[] hash = TaprootHashes.Leaf(code, TaprootHashes.LeafVersion).ToBytes();
            open.Add((depth, new Node(hash, [new Leaf(code, hash, [])])));
            while (open.Count > 1 && open[^1].Depth == open[^2].Depth)
            {
                (Node left, Node right) = (open[^2].Node, open[^1].Node);
                left.Leaves.ForEach(one => one.Path.Add(right.Hash));
                right.Leaves.ForEach(one => one.Path.Add(left.Hash));
                int parent = open[^1].Depth - 1;
                open.RemoveRange(open.Count - 2, 2);
                byte[] both = TaprootHashes.Branch(left.Hash, right.Hash);
                open.Add((parent, new Node(both, [.. left.Leaves, .. right.Leaves])));
            }
        }

        return open[0].Node;
    }

    private sealed record Leaf(Script Script, byte[] Hash, List<byte[]> Path);

    private sealed record Node(byte[] Hash, List<Leaf> Leaves);

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
