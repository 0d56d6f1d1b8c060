namespace Multiprocess.Framing;

/// <summary>What several connections together may have waiting, in both directions: those of one user, or of one server.</summary>
/// <remarks>
/// Thread-safe. Connections charge it in large steps (<see cref="SharedBytesPart"/>), so that a call does not touch it.
/// </remarks>
/// <param name="most">How many bytes.</param>
/// <param name="outer">What it is a part of; null for none.</param>
internal sealed class SharedBytes(long most, SharedBytes? outer)
{
    private long _bytes;

    /// <summary>How many are charged.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>True while more wait than may.</summary>
    public bool IsOver => Bytes > most || outer is { IsOver: true };

    /// <summary>True while twice as many wait as may: what comes then is refused.</summary>
    public bool IsFull => Bytes / 2 > most || outer is { IsFull: true };

    public void Add(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        outer?.Add(bytes);
    }
}

/// <summary>What one direction of one connection has charged of the bytes that are shared.</summary>
/// <remarks>
/// A little is free, so that nobody else's bytes can stop a connection that has next to nothing waiting. Guarded by the
/// lock of whoever owns it.
/// </remarks>
/// <param name="shared">What is charged; null where nothing is shared.</param>
internal sealed class SharedBytesPart(SharedBytes? shared)
{
    /// <summary>How much one direction of a connection may have waiting whatever the others have.</summary>
    public const long FreeBytes = 64 * 1024;

    private long _charged;

    /// <summary>True while those who share have too much waiting, and this direction is one of the reasons.</summary>
    public bool IsOver => _charged > 0 && shared!.IsOver;

    /// <summary>As <see cref="IsOver"/>, at the point where more is refused.</summary>
    public bool IsFull => _charged > 0 && shared!.IsFull;

    /// <summary>Charges, or gives back, what is between now and before.</summary>
    public void Settle(long waiting)
    {
        if (shared is null || (waiting <= FreeBytes && _charged == 0))
        {
            return;
        }

        // Whole steps, and one step of slack downwards: not at every message.
        long steps = Math.Max(0, (waiting - 1) / FreeBytes * FreeBytes);
        if (steps > _charged || steps < _charged - FreeBytes || steps == 0)
        {
            shared.Add(steps - _charged);
            _charged = steps;
        }
    }
}
