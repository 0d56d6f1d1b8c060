namespace Bitcoin.Node.Mempool;

/// <summary>
/// Compares what miners earn from the best transactions of any total size: the test for replacements.
/// </summary>
internal static class FeeDiagram
{
    /// <summary>Whether the new chunks earn at least as much at every size, and more at some size.</summary>
    internal static bool Improves(IEnumerable<Chunk> before, IEnumerable<Chunk> after)
    {
        List<(long Size, long Fee)> old = Points(before);
        List<(long Size, long Fee)> now = Points(after);
        bool isBetter = false;
        foreach (long size in old.Concat(now).Select(static point => point.Size).Distinct())
        {
            int comparison = At(now, size).CompareTo(At(old, size));
            if (comparison < 0)
            {
                return false;
            }

            isBetter |= comparison > 0;
        }

        return isBetter;
    }

    /// <summary>What the best chunks earn together, from none to all, with their weight.</summary>
    internal static IEnumerable<(long Weight, long Fee)> Of(IEnumerable<Chunk> chunks)
    {
        (long weight, long fee) = (0, 0);
        yield return (weight, fee);
        foreach (Chunk chunk in Sorted(chunks))
        {
            weight += chunk.Entries.Sum(static entry => (long)entry.AdjustedWeight);
            fee += chunk.Fee;
            yield return (weight, fee);
        }
    }

    private static List<(long Size, long Fee)> Points(IEnumerable<Chunk> chunks)
    {
        List<(long, long)> points = [(0, 0)];
        foreach (Chunk chunk in Sorted(chunks))
        {
            (long size, long fee) = points[^1];
            points.Add((size + chunk.Size, fee + chunk.Fee));
        }

        return points;
    }

    private static List<Chunk> Sorted(IEnumerable<Chunk> chunks)
    {
        List<Chunk> sorted = [.. chunks];
        sorted.Sort(static (one, other) => one.IsBetterThan(other) ? -1 : other.IsBetterThan(one) ? 1 : 0);
        return sorted;
    }

    private static decimal At(List<(long Size, long Fee)> points, long size)
    {
        for (int i = 1; i < points.Count; i++)
        {
            if (size <= points[i].Size)
            {
                (long fromSize, long fromFee) = points[i - 1];
                return fromFee + ((decimal)(points[i].Fee - fromFee) * (size - fromSize) / (points[i].Size - fromSize));
            }
        }

        return points[^1].Fee;
    }
}
