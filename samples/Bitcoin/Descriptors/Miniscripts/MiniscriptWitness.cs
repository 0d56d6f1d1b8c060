using System.Collections.Immutable;
using NBitcoin;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>What a signer has for a script.</summary>
/// <param name="SignatureOf">The signature of a key, by the key's number; null for none. Asked for every key.</param>
/// <param name="KeyOf">The bytes of a key.</param>
/// <param name="IsOlder">Whether the input has the age of a relative lock.</param>
/// <param name="IsAfter">Whether the transaction has the lock time of an absolute lock.</param>
/// <param name="PreimageOf">What a hash was made of; null if it is not known.</param>
internal sealed record MiniscriptMeans(
    Func<int, byte[]?> SignatureOf,
    Func<int, byte[]> KeyOf,
    Func<uint, bool> IsOlder,
    Func<uint, bool> IsAfter,
    Func<OpcodeType, byte[], byte[]?> PreimageOf);

/// <summary>Finds the smallest witness of an expression that others cannot change.</summary>
internal sealed class MiniscriptWitness(MiniscriptMeans means)
{
    private static readonly Items s_none = new([], HasSignature: false, IsMalleable: false);
    private static readonly Items s_zero = new([[]], HasSignature: false, IsMalleable: false);
    private static readonly Items s_one = new([[1]], HasSignature: false, IsMalleable: false);

    /// <summary>The items of the witness without the script; null if there are not enough signatures.</summary>
    internal IReadOnlyList<byte[]>? Find(MiniscriptNode node)
        => Of(node).Satisfying is { IsMalleable: false } items ? items.Stack : null;

    private (Items? Satisfying, Items? Other) Of(MiniscriptNode node)
    {
        (Items? Satisfying, Items? Other)[] parts = [.. node.Parts.Select(Of)];
        (Items? x, Items? notX) = parts.Length > 0 ? parts[0] : default;
        (Items? y, Items? notY) = parts.Length > 1 ? parts[1] : default;
        (Items? z, Items? notZ) = parts.Length > 2 ? parts[2] : default;
        return node.Fragment switch
        {
            Fragment.Zero => (null, s_none),
            Fragment.One => (s_none, null),
            Fragment.KeyItself => (Signature(node.Keys[0]), s_zero),
            Fragment.KeyHash => (Join(Signature(node.Keys[0]), Key(node)), Join(s_zero, Key(node))),
            Fragment.Older => (means.IsOlder(node.Number) ? s_none : null, null),
            Fragment.After => (means.IsAfter(node.Number) ? s_none : null, null),
            Fragment.Sha256 or Fragment.Hash256 or Fragment.Ripemd160 or Fragment.Hash160
                => (Preimage(node), new Items([new byte[32]], HasSignature: false, IsMalleable: true)),
            Fragment.Multi => OfMulti(node),
            Fragment.MultiA => OfMultiA(node),
            Fragment.Threshold => OfThreshold(parts, (int)node.Number),
            Fragment.WrapD => (Join(x, s_one), s_zero),
            Fragment.WrapJ => (
                x, s_zero with { IsMalleable = notX is { HasSignature: false } }),
            Fragment.WrapV => (x, null),
            Fragment.AndV => (Join(y, x), Join(notY, x)),
            Fragment.AndB => (
                Join(y, x),
                Choose(Join(notY, notX), Choose(Malleable(Join(y, notX)), Malleable(Join(notY, x))))),
            Fragment.OrB => (
                Choose(Choose(Join(notY, x), Join(y, notX)), Malleable(Join(y, x))), Join(notY, notX)),
            Fragment.OrC => (Choose(x, Join(y, notX)), null),
            Fragment.OrD => (Choose(x, Join(y, notX)), Join(notY, notX)),
            Fragment.OrI => (
                Choose(Join(x, s_one), Join(y, s_zero)), Choose(Join(notX, s_one), Join(notY, s_zero))),
            Fragment.AndOr => (
                Choose(Join(y, x), Join(z, notX)), Choose(Join(notY, x), Join(notZ, notX))),
            _ => (x, notX),
        };
    }

    private (Items? Satisfying, Items? Other) OfMulti(MiniscriptNode node)
    {
        Items?[] best = [s_zero];
        foreach (int key in node.Keys)
        {
            best = Step(best, s_none, Signature(key));
        }

        Items other = new([.. Enumerable.Repeat(Array.Empty<byte>(), (int)node.Number + 1)], false, false);
        return (best[node.Number], other);
    }

    private (Items? Satisfying, Items? Other) OfMultiA(MiniscriptNode node)
    {
        Items?[] best = [s_none];
        foreach (int key in node.Keys.Reverse())
        {
            best = Step(best, s_zero, Signature(key));
        }

        return (best[node.Number], best[0]);
    }

    private static (Items? Satisfying, Items? Other) OfThreshold(
        (Items? Satisfying, Items? Other)[] parts, int required)
    {
        Items?[] best = [s_none];
        foreach ((Items? satisfying, Items? other) in parts.Reverse())
        {
            best = Step(best, other, satisfying);
        }

        Items? none = null;
        for (int i = 0; i < best.Length; i++)
        {
            if (i != required)
            {
                none = Choose(none, i == 0 ? best[i] : Malleable(best[i]));
            }
        }

        return (best[required], none);
    }

    // The best choices of one more part: by how many parts are satisfied.
    private static Items?[] Step(Items?[] best, Items? without, Items? with)
    {
        Items?[] next = new Items?[best.Length + 1];
        for (int i = 0; i < next.Length; i++)
        {
            next[i] = Choose(
                i < best.Length ? Join(best[i], without) : null, i > 0 ? Join(best[i - 1], with) : null);
        }

        return next;
    }

    private Items? Signature(int key)
        => means.SignatureOf(key) is { } signature
            ? new Items([signature], HasSignature: true, IsMalleable: false)
            : null;

    private Items? Preimage(MiniscriptNode node)
        => means.PreimageOf(MiniscriptWriter.OpcodeOf(node.Fragment), node.Hash) is { Length: 32 } preimage
            ? new Items([preimage], HasSignature: false, IsMalleable: false)
            : null;

    private Items Key(MiniscriptNode node) => new([means.KeyOf(node.Keys[0])], HasSignature: false, IsMalleable: false);

    private static Items? Join(Items? one, Items? other)
    {
        return one is null || other is null ? null : new Items(
            one.Stack.AddRange(other.Stack),
            one.HasSignature || other.HasSignature,
            one.IsMalleable || other.IsMalleable);
    }

    private static Items? Malleable(Items? items) => items is null ? null : items with { IsMalleable = true };

    private static Items? Choose(Items? one, Items? other)
    {
        if (one is null || other is null)
        {
            return one ?? other;
        }

        if (one.HasSignature != other.HasSignature)
        {
            // Whoever sees the one with a signature could replace it by the other one.
            return one.HasSignature ? other : one;
        }

        if (one.HasSignature && one.IsMalleable != other.IsMalleable)
        {
            return one.IsMalleable ? other : one;
        }

        Items best = one.Size <= other.Size ? one : other;
        return one.HasSignature ? best : best with { IsMalleable = true };
    }

    private sealed record Items(ImmutableList<byte[]> Stack, bool HasSignature, bool IsMalleable)
    {
        internal int Size => Stack.Sum(static item => item.Length + 1);
    }
}
