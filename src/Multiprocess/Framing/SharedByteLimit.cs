namespace Multiprocess.Framing;

/// <summary>
/// The bytes that several connections together may have waiting, in both directions: the connections of one user or of
/// one server.
/// </summary>
/// <remarks>
/// Thread-safe. Connections charge it in large steps (<see cref="SharedByteLimitPart"/>), so that most calls
/// do not touch it.
/// </remarks>
/// <param name="most">The limit in bytes.</param>
/// <param name="outer">The bound that contains this one; null for none.</param>
internal sealed class SharedByteLimit(long most, SharedByteLimit? outer)
{
    private long _bytes;

    /// <summary>Number of bytes charged.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>True while more bytes wait than the limit.</summary>
    public bool IsOver => Bytes > most || outer is { IsOver: true };

    /// <summary>True while more than twice the limit waits: further calls are refused.</summary>
    public bool IsFull => Bytes / 2 > most || outer is { IsFull: true };

    public void Add(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        outer?.Add(bytes);
    }
}

/// <summary>The bytes that one direction of one connection has charged to the shared bound.</summary>
/// <remarks>
/// A small amount is free, so that other connections cannot stop one that has almost nothing waiting. Guarded by its
/// owner's lock.
/// </remarks>
/// <param name="shared">The bound to charge; null for none.</param>
internal sealed class SharedByteLimitPart(SharedByteLimit? shared)
{
    /// <summary>Bytes that one direction of a connection may always have waiting, whatever the others have.</summary>
    public const long FreeBytes = 64 * 1024;

    private long _charged;

    /// <summary>
    /// True while the sharing connections have too much waiting and this direction contributes to it.
    /// </summary>
    public bool IsOver => _charged > 0 && shared!.IsOver;

    /// <summary>Like <see cref="IsOver"/>, for the limit above which calls are refused.</summary>
    public bool IsFull => _charged > 0 && shared!.IsFull;

    /// <summary>Charges or returns the difference between now and before.</summary>
    public void Settle(long waiting)
    {
        if (shared is null || (waiting <= FreeBytes && _charged == 0))
        {
            return;
        }

        // In whole steps, with one step of slack downwards, so that not every message changes the shared counter.
        long steps = Math.Max(0, (waiting - 1) / FreeBytes * FreeBytes);
        if (steps > _charged || steps < _charged - FreeBytes || steps == 0)
        {
            shared.Add(steps - _charged);
            _charged = steps;
        }
    }
}
