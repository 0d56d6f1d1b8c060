using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Chain.Rules;

/// <summary>Merkle roots that detect a list with a repeated end; NBitcoin's do not.</summary>
internal static class Merkle
{
    /// <summary>The root of a list of hashes.</summary>
    /// <param name="leaves">The hashes; the root of an empty list is zero.</param>
    /// <param name="mutated">Whether two equal neighbours show that other lists have the same root.</param>
    internal static uint256 Root(IReadOnlyList<uint256> leaves, out bool mutated)
    {
        mutated = false;
        if (leaves.Count == 0)
        {
            return uint256.Zero;
        }

        List<uint256> row = [.. leaves];
        while (row.Count > 1)
        {
            List<uint256> next = new((row.Count + 1) / 2);
            for (int i = 0; i < row.Count; i += 2)
            {
                bool isPair = i + 1 < row.Count;
                mutated |= isPair && row[i] == row[i + 1];
                next.Add(Combine(row[i], isPair ? row[i + 1] : row[i]));
            }

            row = next;
        }

        return row[0];
    }

    /// <summary>The hashes of the path from the first leaf to the root.</summary>
    internal static List<uint256> PathOfFirst(IReadOnlyList<uint256> leaves)
    {
        List<uint256> path = [];
        List<uint256> row = [.. leaves];
        while (row.Count > 1)
        {
            path.Add(row[1]);
            List<uint256> next = new((row.Count + 1) / 2);
            for (int i = 0; i < row.Count; i += 2)
            {
                next.Add(Combine(row[i], i + 1 < row.Count ? row[i + 1] : row[i]));
            }

            row = next;
        }

        return path;
    }

    internal static uint256 Combine(uint256 left, uint256 right)
    {
        byte[] both = new byte[64];
        left.ToBytes(both.AsSpan(0, 32));
        right.ToBytes(both.AsSpan(32));
        return Hashes.DoubleSHA256(both);
    }
}
