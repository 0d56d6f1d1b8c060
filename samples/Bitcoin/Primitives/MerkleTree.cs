namespace Bitcoin.Primitives;

/// <summary>The tree of hashes by which one hash commits to a list of them.</summary>
public static class MerkleTree
{
    /// <summary>The root over a list of hashes; zero for an empty list.</summary>
    /// <param name="leaves">The hashes, in order.</param>
    /// <param name="mutated">
    /// Whether two hashes that form a pair are equal. A level of odd length repeats its last hash, so lists with that
    /// repetition written out have the same root (CVE-2012-2459): a block built that way is a forgery of an honest one.
    /// </param>
    public static Hash256 ComputeRoot(IReadOnlyList<Hash256> leaves, out bool mutated)
    {
        mutated = false;
        if (leaves.Count == 0)
        {
            return Hash256.Zero;
        }

        Hash256[] level = [.. leaves];
        int count = level.Length;
        while (count > 1)
        {
            int pairs = 0;
            for (int i = 0; i < count; i += 2)
            {
                Hash256 left = level[i];
                bool alone = i + 1 == count;
                Hash256 right = alone ? left : level[i + 1];
                mutated |= !alone && left == right;
                level[pairs++] = Hash256.Combine(left, right);
            }

            count = pairs;
        }

        return level[0];
    }
}
