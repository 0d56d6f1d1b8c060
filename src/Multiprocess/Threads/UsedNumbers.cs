namespace Multiprocess.Threads;

/// <summary>The numbers that a peer has used, to detect reuse. Not thread-safe.</summary>
/// <remarks>
/// A peer counts up, and its threads send nearly in that order. So the used numbers form one run, with a gap for each
/// number that has not arrived yet or was never sent. The number of runs is limited; beyond the limit, the lowest run
/// is forgotten. So gaps cost a correct peer nothing, and a hostile peer cannot use up memory.
/// </remarks>
internal sealed class UsedNumbers
{
    /// <summary>Most runs kept: 64 KiB for a peer that skips every other number.</summary>
    public const int MaxRuns = 4096;

    // First and last number of each run, lowest run first. Arrays, because lists of numbers are not compiled ahead.
    private long[] _first = new long[2];
    private long[] _last = new long[2];

    /// <summary>Number of runs.</summary>
    public int RunCount { get; private set; }

    /// <summary>Adds a positive number; false when it was used before.</summary>
    public bool TryAdd(long number)
    {
        if (RunCount > 0 && _last[RunCount - 1] == number - 1)
        {
            _last[RunCount - 1] = number;
            return true;
        }

        return TryInsert(number);
    }

    private bool TryInsert(long number)
    {
        // The first number of a connection: a search is not compiled ahead, and would slow every child's start.
        if (RunCount == 0)
        {
            InsertAt(0, number);
            return true;
        }

        // The run that begins at the number or below it, or -1.
        int below = Array.BinarySearch(_first, 0, RunCount, number);
        below = below >= 0 ? below : ~below - 1;
        if (below >= 0 && number <= _last[below])
        {
            return false;
        }

        int above = below + 1;
        bool joinsBelow = below >= 0 && _last[below] == number - 1;
        bool joinsAbove = above < RunCount && _first[above] - 1 == number;
        if (joinsBelow && joinsAbove)
        {
            _last[below] = _last[above];
            RemoveAt(above);
        }
        else if (joinsBelow)
        {
            _last[below] = number;
        }
        else if (joinsAbove)
        {
            _first[above] = number;
        }
        else
        {
            InsertAt(above, number);
        }

        return true;
    }

    private void InsertAt(int index, long number)
    {
        if (RunCount == MaxRuns)
        {
            if (index == 0)
            {
                // Below all kept runs: it would be the first to be forgotten.
                return;
            }

            RemoveAt(0);
            index--;
        }

        if (RunCount == _first.Length)
        {
            Array.Resize(ref _first, 2 * RunCount);
            Array.Resize(ref _last, 2 * RunCount);
        }

        Array.Copy(_first, index, _first, index + 1, RunCount - index);
        Array.Copy(_last, index, _last, index + 1, RunCount - index);
        _first[index] = _last[index] = number;
        RunCount++;
    }

    private void RemoveAt(int index)
    {
        RunCount--;
        Array.Copy(_first, index + 1, _first, index, RunCount - index);
        Array.Copy(_last, index + 1, _last, index, RunCount - index);
    }
}
