namespace Multiprocess.Generator.CapnProto;

/// <summary>The unused pieces of a stretch of data: at most one of each size.</summary>
/// <remarks>
/// Sizes are powers of two, given by their exponent in bits: 0 is a bit, 3 a byte, 6 a word. Offsets are in units of
/// the size. A gap is the second half of a piece of twice the size whose first half is in use. So its offset is odd and
/// never 0; 0 means that there is no gap.
/// </remarks>
internal sealed class Gaps
{
    public const int Word = 6;

    private readonly int[] _offsets = new int[Word];

    /// <summary>Takes a piece out of the smallest gap that has room; null if there is none.</summary>
    public int? Take(int size)
    {
        if (size >= Word)
        {
            return null;
        }

        int found = _offsets[size];
        if (found != 0)
        {
            _offsets[size] = 0;
            return found;
        }

        if (Take(size + 1) is not { } larger)
        {
            return null;
        }

        _offsets[size] = (larger * 2) + 1;
        return larger * 2;
    }

    /// <summary>Records that everything after a piece is unused, up to the end of a piece of another size.</summary>
    public void AddBehind(int size, int offset, int end = Word)
    {
        for (; size < end; size++)
        {
            _offsets[size] = offset;
            offset = (offset + 1) / 2;
        }
    }

    /// <summary>Enlarges a piece by the gaps that follow it directly.</summary>
    public bool TryExpand(int size, int offset, int doublings)
    {
        if (doublings == 0)
        {
            return true;
        }

        if (size >= Word || _offsets[size] != offset + 1 || !TryExpand(size + 1, offset / 2, doublings - 1))
        {
            return false;
        }

        _offsets[size] = 0;
        return true;
    }

    /// <summary>The size of the smallest gap with room for a piece; null if there is none.</summary>
    public int? SmallestFor(int size)
    {
        for (; size < Word; size++)
        {
            if (_offsets[size] != 0)
            {
                return size;
            }
        }

        return null;
    }
}
