namespace Bitcoin.Node.Net;

/// <summary>
/// Counts the bytes sent in a day. Near the limit, old blocks are not served any more, so that new ones still can be.
/// Thread-safe.
/// </summary>
/// <param name="limit">The limit, in bytes; 0 for none.</param>
/// <param name="clock">The clock.</param>
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

    /// <summary>Counts sent bytes.</summary>
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

    /// <summary>Whether the limit is reached, or, for old blocks, is near.</summary>
    internal bool IsReached(bool forOldBlocks)
    {
        lock (_gate)
        {
            if (limit == 0)
            {
                return false;
            }

            // The rest must suffice for a block in each ten minutes of the remaining time.
            long buffer = forOldBlocks ? SecondsLeft() / BlockSeconds * LargestBlock : 0;
            return buffer >= limit || _sent >= limit - buffer;
        }
    }

    /// <summary>How many bytes may still be sent, and the remaining time.</summary>
    internal (long Bytes, long Seconds) Left()
    {
        lock (_gate)
        {
            return limit == 0 ? (0, 0) : (Math.Max(0, limit - _sent), SecondsLeft());
        }
    }

    private long SecondsLeft() => _start == 0 ? CycleSeconds : Math.Max(0, _start + CycleSeconds - Now);
}
