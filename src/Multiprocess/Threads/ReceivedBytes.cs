using Multiprocess.Framing;
using Multiprocess.Protocols;

namespace Multiprocess.Threads;

/// <summary>
/// The memory, in bytes, of messages that one connection has received and not begun to run. Every member is used under
/// the gate.
/// </summary>
/// <remarks>
/// <para>
/// Above the limit the peer is not read (<see cref="IsPaused"/>) and so has to wait, as long as nothing on this side
/// needs it to be read (<see cref="ThreadMap.MayPause"/>). Otherwise reading continues up to twice the limit, and calls
/// beyond that are refused.
/// </para>
/// </remarks>
/// <param name="most">Most bytes that may wait before reading pauses.</param>
/// <param name="mostCalls">Most calls and answers that may wait before reading pauses.</param>
/// <param name="shared">The limit shared with other connections; null for none.</param>
internal sealed class ReceivedBytes(long most, long mostCalls, SharedByteLimit? shared)
{
    // How many bytes must arrive before a turn is extended: otherwise a peer that sends a byte now and then would keep
    // the turn.
    private const int BytesOfTurn = 1024 * 1024;

    private readonly SharedByteLimitPart _part = new(shared);
    private long _bytes;
    private long _count;
    private long _partial;
    private long _partialReceived;
    private long _receivedAtExtension;
    private bool _partialIsFull;
    private bool _paused;
    private bool _isClosed;

    /// <summary>The bound shared with other connections; null for none.</summary>
    public SharedByteLimit? Shared => _part.Shared;

    /// <summary>Number of bytes that wait.</summary>
    public long Bytes => _bytes;

    /// <summary>Memory, in bytes, of the incomplete frame; 0 for none.</summary>
    public long PartialMemory => _partial;

    /// <summary>
    /// Tells whether bytes of the peer can be received now. A connection whose peer has sent nothing takes no turn.
    /// </summary>
    public Func<bool> HasData { get; set; } = static () => true;

    /// <summary>
    /// Ends the connection, because its peer has stopped in the middle of a frame while other connections wait for
    /// their turn. Called on the thread pool.
    /// </summary>
    public Action End
    {
        set => _part.End = value;
    }

    /// <summary>True while more bytes or calls wait than the limits allow.</summary>
    public bool IsOver => _bytes > most || _count > mostCalls || IsHeldBackByOthers;

    /// <summary>True when the shared limit has room for so many more bytes. May be called without the gate.</summary>
    public bool HasRoomFor(int bytes) => !_part.HasNoRoomFor(bytes);

    /// <summary>
    /// True while so much waits that new calls are refused. When nothing waits here, one call is accepted, however much
    /// the other connections with the same shared limit hold.
    /// </summary>
    public bool IsFull => _bytes / 2 > most || (_count > 0 && _part.IsFull);

    /// <summary>
    /// True when a paused peer is not read at all, not even a little. Either half of the room between pausing and
    /// refusing is used, or the sharing connections hold too much and the peer is in the middle of a frame.
    /// </summary>
    public bool IsNearlyFull
        => _bytes > most + (most / 2)
            || _count > mostCalls + (mostCalls / 2)

            // Nothing can be found behind a frame that must not be received now.
            || (_partial > 0 && IsHeldBackByOthers);

    /// <summary>Most bytes that may wait before reading pauses.</summary>
    public long Most => most;

    /// <summary>True while reading is paused because too much waits.</summary>
    public bool IsPaused
    {
        get => Volatile.Read(ref _paused);
        set => Volatile.Write(ref _paused, value);
    }

    /// <summary>True when enough work has begun since the pause for reading to resume.</summary>
    public bool MayResume => _bytes <= most / 2 && _count <= mostCalls / 2 && !IsHeldBackByOthers;

    /// <summary>Counts a message that waits from now on.</summary>
    public void Add(Message message)
    {
        message.WaitingBytes = message.HeldBytes;
        _bytes += message.WaitingBytes;
        _count++;
        Settle();
    }

    /// <summary>Stops counting a message that now runs or was dropped. Ignores a message that is not counted.</summary>
    public void Remove(Message message)
    {
        if (message.WaitingBytes == 0)
        {
            return;
        }

        _count--;
        _bytes -= message.WaitingBytes;
        message.WaitingBytes = 0;
        Settle();
    }

    /// <summary>Records the state of an incomplete frame. The frame counts against the shared limit.</summary>
    /// <param name="memory">The memory that the frame takes, in bytes.</param>
    /// <param name="received">Number of bytes of the frame that have arrived.</param>
    /// <param name="isFull">True when the next bytes of the frame need more memory.</param>
    public void NotePartial(long memory, long received, bool isFull)
    {
        // A reader may have been receiving when another thread closed the connection. What it notes then would never be
        // given back to the connections that share the limit.
        if (_isClosed || (_partial == memory && _partialReceived == received))
        {
            return;
        }

        _partial = memory;
        _partialReceived = received;
        _partialIsFull = isFull;
        Settle();
        if (memory == 0)
        {
            _receivedAtExtension = 0;
            _part.EndTurn();
        }
        else
        {
            bool isMuch = received - _receivedAtExtension >= BytesOfTurn;
            _receivedAtExtension = isMuch ? received : _receivedAtExtension;
            _part.NoteProgress(isMuch);
        }
    }

    /// <summary>
    /// Called when the connection has ended: nothing waits any more, and nothing is charged to the shared limit from
    /// now on.
    /// </summary>
    public void Close()
    {
        _isClosed = true;
        _bytes = 0;
        _count = 0;
        _partial = 0;
        Settle();
        _part.EndTurn();
    }

    /// <summary>
    /// True while this connection must wait because the connections that share the limit hold too much. A connection
    /// that has only an incomplete frame fills the memory that the frame already has. Connections that need more memory
    /// for their frames receive one after another: if each waited for the rest of its frame, all would wait for ever.
    /// </summary>
    private bool IsHeldBackByOthers
        => _part.IsOver && (_count > 0 || (_partialIsFull && !(HasData() && _part.TryTakeTurn())));

    private void Settle() => _part.Settle(_isClosed ? 0 : Math.Max(0, _bytes) + _partial);
}
