using NBitcoin;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>
/// An expression of miniscript. Keys are numbers: their places in a list that the user of the class has.
/// </summary>
internal sealed class MiniscriptNode
{
    /// <summary>The most levels of an expression, so that no text or script exhausts the stack.</summary>
    internal const int MaxDepth = 400;

    private const int MaxStandardScript = 3600;

    // What a transaction of the largest standard weight has left for a script: after the longest control block, a
    // thousand items of the size of a signature, all lengths, and a transaction with one input and one output.
    private const int MaxTapscript = 400_000 - ((4 * 94) + 2) - (3 + (1000 * 66) + 3 + 33 + (32 * 128)) - 5;

    internal MiniscriptNode(
        Fragment fragment,
        bool isTapscript,
        IReadOnlyList<MiniscriptNode>? parts = null,
        uint number = 0,
        IReadOnlyList<int>? keys = null,
        byte[]? hash = null)
    {
        Fragment = fragment;
        IsTapscript = isTapscript;
        Parts = parts ?? [];
        Number = number;
        Keys = keys ?? [];
        Hash = hash ?? [];
        Type = MiniscriptType.Of(fragment, number, [.. Parts.Select(static part => part.Type)], isTapscript);
        Cost = MiniscriptCost.Of(this);
        Depth = 1 + Parts.Select(static part => part.Depth).DefaultIfEmpty().Max();
        Size = OwnSize + Parts.Sum(static part => part.Size);
    }

    internal Fragment Fragment { get; }

    internal bool IsTapscript { get; }

    internal IReadOnlyList<MiniscriptNode> Parts { get; }

    /// <summary>
    /// The time of a lock, how many parts or keys are needed, or how often the wrapper n stands in a row: nothing else
    /// keeps its type when it is repeated, so that only this row can be as long as a script.
    /// </summary>
    internal uint Number { get; }

    internal IReadOnlyList<int> Keys { get; }

    internal byte[] Hash { get; }

    internal MiniscriptType Type { get; }

    internal MiniscriptCost Cost { get; }

    internal int Depth { get; }

    /// <summary>The size of the script in bytes; keys count 33 or 32.</summary>
    internal int Size { get; }

    /// <summary>The keys of the expression and of its parts.</summary>
    internal IEnumerable<int> AllKeys => [.. Keys, .. Parts.SelectMany(static part => part.AllKeys)];

    /// <summary>The expression and all its parts.</summary>
    internal IEnumerable<MiniscriptNode> All => [this, .. Parts.SelectMany(static part => part.All)];

    internal bool FitsScript => Size <= (IsTapscript ? MaxTapscript : MaxStandardScript);

    internal bool IsValid => (Type & "BVKW").Bits != 0 && FitsScript;

    internal bool IsNonMalleable => Type.Has("m");

    internal bool NeedsSignature => Type.Has("s");

    internal bool KeepsTimeLocksApart => Type.Has("k");

    internal bool FitsLimits => Cost.Fits(IsTapscript);

    /// <summary>Whether it is good as a whole script, apart from keys that occur twice.</summary>
    internal bool IsSane
        => IsValid && Type.Has("B") && NeedsSignature && IsNonMalleable && KeepsTimeLocksApart && FitsLimits;

    /// <summary>The innermost part that is not good by itself; null for none.</summary>
    internal MiniscriptNode? FindInsane()
    {
        return Parts.Select(static part => part.FindInsane()).FirstOrDefault(static found => found is not null)
            ?? (IsValid && IsNonMalleable && KeepsTimeLocksApart && FitsLimits ? null : this);
    }

    /// <summary>The script.</summary>
    /// <param name="keyOf">A key's bytes.</param>
    /// <param name="hashOf">The hash of a key.</param>
    internal Script ToScript(Func<int, byte[]> keyOf, Func<int, byte[]> hashOf)
    {
        List<Op> code = [];
        new MiniscriptWriter(code, keyOf, hashOf).Write(this);
        return new Script(code);
    }

    private int OwnSize => Fragment switch
    {
        Fragment.Zero or Fragment.One => 1,
        Fragment.KeyItself => IsTapscript ? 33 : 34,
        Fragment.KeyHash => 24,
        Fragment.Older or Fragment.After => 1 + Op.GetPushOp(Number).ToBytes().Length,
        Fragment.Sha256 or Fragment.Hash256 => 39,
        Fragment.Ripemd160 or Fragment.Hash160 => 27,
        Fragment.WrapA or Fragment.OrC => 2,
        Fragment.WrapS or Fragment.WrapC or Fragment.AndB or Fragment.OrB => 1,
        Fragment.WrapN => (int)Number,
        Fragment.WrapD or Fragment.OrD or Fragment.OrI or Fragment.AndOr => 3,
        Fragment.WrapJ => 4,
        Fragment.WrapV => Parts[0].Type.Has("x") ? 1 : 0,
        Fragment.Threshold => Parts.Count + Op.GetPushOp(Number).ToBytes().Length,
        Fragment.Multi => 1 + Op.GetPushOp(Number).ToBytes().Length + Op.GetPushOp(Keys.Count).ToBytes().Length
            + (34 * Keys.Count),
        Fragment.MultiA => 1 + Op.GetPushOp(Number).ToBytes().Length + (34 * Keys.Count),
        _ => 0,
    };
}
