using Multiprocess.Locks;
using Multiprocess.Transports;

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
/// <param name="turnMilliseconds">
/// Time in which a connection must receive 1 MiB to keep a turn for which another one waits. A fifth of it may pass
/// without a byte.
/// </param>
internal sealed class SharedByteLimit(
    long most, SharedByteLimit? outer, int turnMilliseconds = SharedByteLimit.TurnMilliseconds)
{
    /// <summary>Time of a turn unless the options of a test say otherwise, in milliseconds.</summary>
    public const int TurnMilliseconds = 5000;

    private const int IdleShare = 5;

    private readonly Lock _lock = new();
    private long _bytes;

    // The part that may now receive the rest of a frame although the limit is exceeded, and when its turn ends. Guarded
    // by the lock.
    private SharedByteLimitPart? _turn;
    private long _turnEnds;
    private long _idleEnds;

    /// <summary>Number of bytes charged.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>True while more bytes wait than the limit.</summary>
    public bool IsOver => Bytes > most || outer is { IsOver: true };

    /// <summary>True when so many more bytes would exceed the limit.</summary>
    public bool HasNoRoomFor(long bytes) => Bytes + bytes > most || outer?.HasNoRoomFor(bytes) == true;

    /// <summary>True while more than twice the limit waits: new calls are then refused.</summary>
    public bool IsFull => Bytes / 2 > most || outer is { IsFull: true };

    public void Add(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        outer?.Add(bytes);
    }

    /// <summary>
    /// While the limit is exceeded, one connection at a time may receive the rest of a frame. A connection whose peer
    /// stops in the middle of that frame is ended: otherwise each connection in its turn could come to hold a large
    /// frame.
    /// </summary>
    /// <returns>True when it is the turn of <paramref name="part"/>.</returns>
    public bool TryTakeTurn(SharedByteLimitPart part)
    {
        if (outer is { IsOver: true })
        {
            return outer.TryTakeTurn(part);
        }

        using (Uninterruptible.Enter(_lock))
        {
            long now = Environment.TickCount64;
            if (_turn is not null && _turn != part && now >= Math.Min(_turnEnds, _idleEnds))
            {
                // On the pool: the caller holds the gate of its connection.
                FrameworkPool.Queue(static late => late.End(), _turn);
                _turn = null;
            }

            if (_turn is null)
            {
                _turn = part;
                _turnEnds = now + turnMilliseconds;
                _idleEnds = now + (turnMilliseconds / IdleShare);
            }

            return _turn == part;
        }
    }

    /// <summary>Notes progress in the turn of <paramref name="part"/>, if it has the turn.</summary>
    /// <param name="part">The direction of a connection.</param>
    /// <param name="ends">True when its frame is complete.</param>
    /// <param name="isMuch">True when it has received as many bytes as a turn requires.</param>
    public void NoteTurn(SharedByteLimitPart part, bool ends, bool isMuch)
    {
        outer?.NoteTurn(part, ends, isMuch);
        if (Volatile.Read(ref _turn) != part)
        {
            return;
        }

        using (Uninterruptible.Enter(_lock))
        {
            if (_turn == part)
            {
                long now = Environment.TickCount64;
                _turn = ends ? null : part;
                _turnEnds = isMuch ? now + turnMilliseconds : _turnEnds;
                _idleEnds = now + (turnMilliseconds / IdleShare);
            }
        }
    }
}

/// <summary>The bytes that one direction of one connection has charged to the shared limit.</summary>
/// <remarks>
/// A small amount is free, so that other connections cannot stop one that has almost nothing waiting. Guarded by its
/// owner's lock.
/// </remarks>
/// <param name="shared">The limit to charge; null for none.</param>
internal sealed class SharedByteLimitPart(SharedByteLimit? shared)
{
    /// <summary>Bytes that one direction of a connection may always have waiting, whatever the others have.</summary>
    public const long FreeBytes = 64 * 1024;

    private long _charged;

    /// <summary>The bound to charge; null for none.</summary>
    public SharedByteLimit? Shared => shared;

    /// <summary>Ends the connection because its peer has stopped in the middle of a frame.</summary>
    public Action End { get; set; } = static () => { };

    /// <summary>
    /// True while the sharing connections have too much waiting and this direction contributes to it.
    /// </summary>
    public bool IsOver => _charged > 0 && shared!.IsOver;

    /// <summary>Like <see cref="IsOver"/>, for the limit above which calls are refused.</summary>
    public bool IsFull => _charged > 0 && shared!.IsFull;

    /// <summary>True when so many more bytes would make the sharing connections hold too much.</summary>
    public bool HasNoRoomFor(long bytes) => shared?.HasNoRoomFor(bytes) == true;

    /// <inheritdoc cref="SharedByteLimit.TryTakeTurn"/>
    public bool TryTakeTurn() => shared!.TryTakeTurn(this);

    /// <summary>Notes that bytes have arrived in the turn, if this direction has the turn.</summary>
    public void NoteProgress(bool isMuch) => shared?.NoteTurn(this, ends: false, isMuch);

    /// <summary>Ends the turn, if this direction has it.</summary>
    public void EndTurn() => shared?.NoteTurn(this, ends: true, isMuch: false);

    /// <summary>Charges or returns the difference from the last amount.</summary>
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
