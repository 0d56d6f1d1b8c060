using System.Diagnostics.CodeAnalysis;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess.Framing;

/// <summary>Sends frames from any thread, each whole and in the order in which they were handed over.</summary>
/// <remarks>
/// States: free, or busy (one thread, the carrier, is sending). Whoever finds it free becomes the carrier, sends its
/// own frame and then what others left meanwhile, many frames in one system call. Whoever finds it busy leaves its
/// bytes and goes on. A carrier that may not wait, or that has waited or carried long enough, passes the rest to the
/// writer, a thread that is made when it is first needed. The lock is never held during a system call.
/// </remarks>
internal sealed class FrameSender
{
    // How long a calling thread itself waits for a full transport before it leaves the rest to the writer. Within the
    // first part the peer is most likely receiving; after it, somebody here must read, or two peers that send large
    // messages to each other stop for ever.
    private const int FirstPatienceMilliseconds = 1;
    private const int PatienceMilliseconds = 20;

    // How many batches of others' frames a carrier sends before it goes about its own business.
    private const int MaxCarriedBatches = 16;

    private const int WriterStackBytes = 256 * 1024;

    private readonly Transport _transport;
    private readonly Action<Exception> _fail;
    private readonly Action _stalled;

    // Set once, before the first sensitive frame is handed over; from then on all that waits here is wiped when it goes.
    private volatile bool _wipes;

    // A monitor, because senders also wait on it. It guards all that follows.
    private readonly object _lock = new();
    private bool _busy;
    private Exception? _closed;
    private PooledBufferWriter _left = new(int.MaxValue);
    private PooledBufferWriter _spare = new(int.MaxValue);
    private int _waiting;

    // What a carrier has taken of it, and is sending; and the frames of threads that wait to leave them.
    private long _inHand;
    private long _heldByWaiters;
    private readonly SharedBytesPart _part;
    private Thread? _writer;
    private byte[]? _forWriter;
    private TaskCompletionSource? _sent;
    private long _frames;

    // Of the carrier.
    private long _bytes;

    /// <param name="transport">Where to send.</param>
    /// <param name="maxWaitingBytes">Most bytes that may wait to be sent.</param>
    /// <param name="shared">What several connections together may have waiting; null for no such bound.</param>
    /// <param name="fail">Told, outside the lock, when sending fails: the connection is lost.</param>
    /// <param name="stalled">Told, outside the lock, when the peer does not take what is sent: somebody must read meanwhile.</param>
    public FrameSender(Transport transport, int maxWaitingBytes, SharedBytes? shared, Action<Exception> fail, Action stalled)
    {
        _part = new SharedBytesPart(shared);
        _transport = transport;
        _fail = fail;
        _stalled = stalled;
        MaxWaitingBytes = maxWaitingBytes;
    }

    /// <summary>The peer's limit on frames: the handshake's, until its Hello has said another. Those who encode hold to it.</summary>
    public int MaxFrameBytes { get; set; } = Hello.MaxHandshakeBytes;

    /// <summary>Most bytes that may wait to be sent; senders that may wait do so, the others are refused.</summary>
    public int MaxWaitingBytes { get; }

    /// <summary>True while something is being sent, or waits to be. Read without the lock: it may be over by then.</summary>
    public bool IsBusy => Volatile.Read(ref _busy);

    /// <summary>How many frames were handed over to be sent.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>How many bytes threads hold that wait to send them.</summary>
    public long HeldByWaiters => Volatile.Read(ref _heldByWaiters);

    /// <summary>How many threads wait: to send, until all is sent, or for room.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many bytes the transport has taken.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Sends whole frames. The bytes may be reused when this returns.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, ReadOnlySpan{byte}, bool)"/>
    public void Send(ReadOnlySpan<byte> frames, bool mayWait) => Send(frames, tail: default, mayWait);

    /// <summary>Sends whole frames. The bytes may be reused when this returns.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="tail">The end of the last one, if it is kept elsewhere.</param>
    /// <param name="mayWait">
    /// True on a thread that waits anyway: it waits while too much is waiting to be sent.
    /// False where waiting is not allowed; then too much waiting is an error.
    /// </param>
    /// <exception cref="IpcException">More bytes wait to be sent than allowed; nothing was sent.</exception>
    public void Send(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail, bool mayWait)
    {
        lock (_lock)
        {
            while (_busy)
            {
                if (_closed is not null)
                {
                    return;
                }

                // One frame is always taken. Beyond it what is in a carrier's hands counts too: it is memory that a peer
                // which does not receive makes this side hold.
                long waiting = _left.WrittenCount + _inHand;
                if (_left.WrittenCount == 0 || (waiting + frames.Length + tail.Length <= MaxWaitingBytes && !_part.IsOver))
                {
                    _frames += MessageFormat.Count(frames);
                    Leave(frames);
                    Leave(tail);
                    Settle();
                    return;
                }

                if (!mayWait)
                {
                    throw new IpcException(IpcErrorKind.LimitExceeded, _part.IsOver
                        ? $"{waiting:N0} bytes already wait for the peer to receive them, and those of all connections of its user or of the server are at their limit."
                        : $"{waiting:N0} bytes already wait for the peer to receive them; the limit is {MaxWaitingBytes:N0}.");
                }

                _heldByWaiters += frames.Length + tail.Length;
                Settle();
                Await(Timeout.Infinite);
                _heldByWaiters -= frames.Length + tail.Length;
                Settle();
            }

            if (_closed is not null)
            {
                return;
            }

            _frames += MessageFormat.Count(frames);
            _busy = true;
        }

        Carry(frames, tail, mayWait);
    }

    /// <summary>
    /// Waits while threads that wait to send hold as many bytes as may wait besides: what would make another frame meanwhile
    /// begins later, and a peer that does not receive makes this side hold no more.
    /// </summary>
    public void AwaitRoom()
    {
        // Mostly nobody waits to send, and then there is nothing to look at.
        if (HeldByWaiters == 0)
        {
            return;
        }

        lock (_lock)
        {
            while (_busy && _closed is null && _heldByWaiters > 0 && (_heldByWaiters >= MaxWaitingBytes || _part.IsOver))
            {
                Await(Timeout.Infinite);
            }
        }
    }

    /// <summary>Says that a sensitive frame is sent next: what has waited for the peer is wiped from now on.</summary>
    public void MarkSensitive() => _wipes = true;

    /// <summary>Waits until everything handed over was sent; false when that took longer than so long in sum.</summary>
    public bool WaitUntilSent(int milliseconds)
    {
        long end = Environment.TickCount64 + milliseconds;
        lock (_lock)
        {
            while (_busy && _closed is null)
            {
                long left = end - Environment.TickCount64;
                if (left <= 0)
                {
                    return false;
                }

                Await((int)left);
            }

            return true;
        }
    }

    /// <summary>Ends when everything handed over so far was sent, or will not be.</summary>
    public Task WhenSent()
    {
        lock (_lock)
        {
            if (!_busy || _closed is not null)
            {
                return Task.CompletedTask;
            }

            _sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _sent.Task;
        }
    }

    /// <summary>Ends sending: what waits is forgotten, and who waits goes on.</summary>
    public void Close(Exception? reason)
    {
        lock (_lock)
        {
            _closed ??= reason ?? new IpcDisconnectedException("The connection is closed.");
            _left.Clear();
            Wipe(_forWriter);
            _forWriter = null;
            _inHand = 0;
            Settle();
            TellSent();
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Sends as the carrier until nothing is left, or passes the role to the writer.</summary>
    private void Carry(ReadOnlySpan<byte> own, ReadOnlySpan<byte> tail, bool mayWait)
    {
        try
        {
            if (!TrySendWhole(ref own, ref tail, mayWait))
            {
                PassToWriter(Copy(own, tail));
                return;
            }

            for (int batches = 0; TakeLeft(out PooledBufferWriter? batch); batches++)
            {
                byte[]? rest;
                try
                {
                    ReadOnlySpan<byte> others = batch.WrittenSpan;
                    bool whole = TrySendWhole(ref others, ref tail, mayWait);
                    rest = whole && batches < MaxCarriedBatches ? null : Copy(others, default);
                }
                finally
                {
                    GiveBack(batch);
                }

                if (rest is not null)
                {
                    PassToWriter(rest);
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            // Mostly the transport's IOException; whatever it is, a carrier that leaves here stays the carrier for ever.
            _fail(exception);
        }
    }

    /// <summary>Takes all that others left, or, when there is nothing, gives up the role in the same hold of the lock.</summary>
    private bool TakeLeft([NotNullWhen(true)] out PooledBufferWriter? batch)
    {
        lock (_lock)
        {
            if (_left.WrittenCount == 0 || _closed is not null)
            {
                _busy = false;
                _inHand = 0;
                batch = null;
                TellSent();
            }
            else
            {
                batch = _left;
                _left = _spare;
                _spare = batch;
                _inHand = batch.WrittenCount;
            }

            Settle();
            Admit();
            return batch is not null;
        }
    }

    // Before the carrier's role is passed on: the batch becomes the next one's place for what is left.
    private static void GiveBack(PooledBufferWriter batch) => batch.Clear();

    private void Leave(ReadOnlySpan<byte> bytes)
    {
        // Before the bytes are there: growing wipes what is left behind.
        _left.IsSensitive |= _wipes;
        bytes.CopyTo(_left.GetSpan(bytes.Length));
        _left.Advance(bytes.Length);
    }

    /// <summary>Has what waits now counted among what all connections together have waiting. Under the lock.</summary>
    private void Settle() => _part.Settle(_closed is null ? _left.WrittenCount + _inHand + _heldByWaiters : 0);

    private bool Await(int milliseconds)
    {
        _waiting++;
        try
        {
            return Monitor.Wait(_lock, milliseconds);
        }
        finally
        {
            _waiting--;
        }
    }

    private void TellSent()
    {
        _sent?.TrySetResult();
        _sent = null;
    }

    private void Admit()
    {
        if (_waiting > 0)
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Sends two pieces as if they were one; what is not sent stays in them.</summary>
    private bool TrySendWhole(ref ReadOnlySpan<byte> first, ref ReadOnlySpan<byte> second, bool mayWait)
    {
        while (!first.IsEmpty || !second.IsEmpty)
        {
            int taken = _transport.TrySend(first, second);
            if (taken > 0)
            {
                _bytes += taken;
                int ofFirst = Math.Min(taken, first.Length);
                first = first[ofFirst..];
                second = second[(taken - ofFirst)..];
            }
            else if (!mayWait)
            {
                return false;
            }
            else if (!_transport.WaitToSend(FirstPatienceMilliseconds))
            {
                _stalled();
                if (!_transport.WaitToSend(PatienceMilliseconds))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>What is left to the writer. Pinned where it may be a secret, so that the collector leaves no copies of it behind.</summary>
    private byte[] Copy(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(first.Length + second.Length, pinned: _wipes);
        first.CopyTo(copy);
        second.CopyTo(copy.AsSpan(first.Length));
        return copy;
    }

    private void SendWhole(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> nothing = default;
        while (!TrySendWhole(ref bytes, ref nothing, mayWait: true))
        {
        }
    }

    /// <summary>Passes the carrier's role to the writer, which sends the rest of a started batch and what is left after it.</summary>
    private void PassToWriter(byte[] rest)
    {
        OutOfMemoryException? noThread = null;
        lock (_lock)
        {
            _forWriter = rest;
            _inHand = rest.Length;
            Settle();
            if (_writer is null)
            {
                try
                {
                    _writer = BackgroundThread.Start(Write, "ipc writer", WriterStackBytes);
                }
                catch (OutOfMemoryException exception)
                {
                    noThread = exception;
                }
            }
            else
            {
                Monitor.PulseAll(_lock);
            }
        }

        if (noThread is not null)
        {
            // Half a frame may be on the wire, and nobody is there to send the rest.
            _fail(new IOException("The system gave no thread for sending.", noThread));
        }
    }

    private void Write()
    {
        try
        {
            while (WaitForRest() is { } rest)
            {
                try
                {
                    SendWhole(rest);
                }
                finally
                {
                    Wipe(rest);
                }

                while (TakeLeft(out PooledBufferWriter? batch))
                {
                    try
                    {
                        SendWhole(batch.WrittenSpan);
                    }
                    finally
                    {
                        GiveBack(batch);
                    }
                }
            }
        }
        catch (Exception exception)
        {
            // Mostly the transport's IOException; whatever it is, a carrier that leaves here stays the carrier for ever.
            _fail(exception);
        }
    }

    private void Wipe(byte[]? rest)
    {
        if (rest is not null && _wipes)
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(rest);
        }
    }

    private byte[]? WaitForRest()
    {
        lock (_lock)
        {
            while (_forWriter is null && _closed is null)
            {
                Monitor.Wait(_lock);
            }

            byte[]? rest = _closed is null ? _forWriter : null;
            _forWriter = null;
            return rest;
        }
    }
}
