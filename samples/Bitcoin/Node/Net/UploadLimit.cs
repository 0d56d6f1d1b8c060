namespace Bitcoin.Node.Net;

/// <summary>
/// What is sent in a day, and how much may be: as the limit comes near, old blocks are served no more, so that new ones
/// still can be. Any thread.
/// </summary>
/// <param name="limit">The limit, in bytes; 0 for none.</param>
/// <param name="clock">What tells the time.</param>
internal sealed class UploadLimit(long limit, TimeProvider clock)
{
    private const int CycleSeconds = 24 * 60 * 60;
    private const int BlockSeconds = 600;
    private const long LargestBlock = 4_000_000;

    private readonly Lock _gate = new();
    private long _start;
    private long _sent;

    /// <summary>The limit, in bytes; 0 for none.</summary>
    internal long Limit => limit;

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Counts what was sent.</summary>
    internal void Add(long bytes)
    {
        lock (_gate)
        {
            if (_start + CycleSeconds < Now)
            {
                _start = Now;
                _sent = 0;
            }

            _sent += bytes;
        }
    }

    /// <summary>Whether the limit is reached, or is near enough that old blocks must not be served.</summary>
    internal bool IsReached(bool forOldBlocks)
    {
        lock (_gate)
        {
            if (limit == 0)
            {
                return false;
            }

            // What is left must do for a block in every ten minutes that are left.
            long buffer = forOldBlocks ? SecondsLeft() / BlockSeconds * LargestBlock : 0;
            return buffer >= limit || _sent >= limit - buffer;
        }
    }

    /// <summary>How much may still be sent, and for how long that has to do.</summary>
    internal (long Bytes, long Seconds) Left()
    {
        lock (_gate)
        {
            return limit == 0 ? (0, 0) : (Math.Max(0, limit - _sent), SecondsLeft());
        }
    }

    private long SecondsLeft() => _start == 0 ? CycleSeconds : Math.Max(0, _start + CycleSeconds - Now);
}
