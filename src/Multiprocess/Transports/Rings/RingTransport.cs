using System.Diagnostics;
using Multiprocess.Locks;
using Multiprocess.Native;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports.Rings;

/// <summary>
/// A Unix socket whose stream can move into shared memory and back, each direction by itself. Linux only.
/// </summary>
/// <remarks>
/// <para>
/// A direction is on the socket or in its ring, and moves at a position of its stream that the sender has announced
/// there. The sending half changes the way when that position is sent (<see cref="SendingMark"/>), the receiving half
/// when the announcement is read (<see cref="ReceiveFromRing"/>, <see cref="ReceiveFromSocket"/>). A direction that is
/// in its ring leaves only doorbells on the socket, each an empty frame.
/// </para>
/// <para>
/// No wake-up is lost, because of this order. A thread that is about to block in the socket counts itself, sets the
/// sign in the ring, and then looks into the ring. The peer writes into the ring, and then takes the sign and rings. A
/// doorbell wakes one thread that receives, or one that only polls: whoever takes a doorbell while others are counted
/// sets the sign again, and only then notes how much is in the ring. That much (<see cref="Unseen"/>) must be read
/// before the reading thread leaves, as no poll sees it; what is written later rings again.
/// </para>
/// <para>
/// The end of the socket is the end of the stream, after what is left in the ring. Closing also sets a sign, because a
/// write into the ring would not notice that the peer has gone.
/// </para>
/// </remarks>
internal sealed class RingTransport : Transport
{
    /// <summary>How long a sender looks for room without blocking, in milliseconds.</summary>
    private const int RoomSpinMilliseconds = 1;

    // A sender that waits for room also looks without having been woken: another thread may take its doorbell.
    private const int FirstRoomWait = 1;
    private const int LongestRoomWait = 16;

    private const int RingIsNotEmpty = -2;

    private readonly UnixSocketTransport _socket;
    private readonly SocketDoorbell _bell;
    private readonly bool _isClient;
    private volatile bool _closed;

    // Sending thread only, but other threads look at the writer's memory.
    private volatile RingWriter? _writer;
    private bool _spinsForRoom = true;

    // Set by any thread, before it sends.
    private volatile bool _isSensitive;

    // What changes at which position of the sent stream; guarded by the lock of the marks.
    private readonly Lock _marking = new();
    private readonly Queue<SendingMark> _marks = new();
    private long _nextMark = long.MaxValue;
    private long _sent;
    private NativeHandle? _descriptorToSend;

    // Receiving thread only; the reader also under the lock of the waiters, because threads that poll look into it.
    private readonly Lock _waiting = new();
    private volatile RingReader? _reader;
    private int _waiters;
    private int _unseen;
    private readonly DoorbellFilter _filter = new();
    private readonly byte[] _bells = new byte[DoorbellFilter.MaxBytes];

    private long _socketUses;

    // Between the request for a descriptor and its arrival.
    private volatile bool _expectsDescriptor;
    private NativeHandle? _descriptor;

    /// <param name="socket">The socket, which this transport then owns.</param>
    /// <param name="isClient">Whether this side writes the first ring.</param>
    public RingTransport(UnixSocketTransport socket, bool isClient)
    {
        _socket = socket;
        _isClient = isClient;
        _bell = new SocketDoorbell(socket);
    }

    public override string Description => _socket.Description;

    public override IpcPeer Peer => _socket.Peer;

    public override bool CanWaitBesideReceiver => true;

    public override bool? PeerHasClosed => _socket.PeerHasClosed;

    public override bool CanSpin => _reader is not null;

    public override int Unseen => _unseen + _filter.Kept;

    /// <summary>
    /// How often the socket was used while a direction was in its ring: each time is a system call or more.
    /// </summary>
    public long SocketUses => Interlocked.Read(ref _socketUses);

    /// <summary>Number of bytes sent, doorbells not counted. Sending thread only.</summary>
    public long SentBytes => _sent;

    /// <summary>
    /// Adds a change of the sending direction. Called in the order of the positions, each before its bytes are sent.
    /// </summary>
    public void Mark(SendingMark mark)
    {
        using (Steady.Enter(_marking))
        {
            _marks.Enqueue(mark);
            if (_marks.Count == 1)
            {
                Volatile.Write(ref _nextMark, mark.Position);
            }
        }
    }

    /// <summary>From now on a descriptor can arrive. Called by the receiving thread.</summary>
    public void ExpectDescriptor() => _expectsDescriptor = true;

    /// <summary>The descriptor that has arrived, if any; no other one is expected.</summary>
    public NativeHandle? TakeDescriptor()
    {
        _expectsDescriptor = false;
        return Interlocked.Exchange(ref _descriptor, null);
    }

    /// <summary>The rest of the received stream is in the ring. Called by the receiving thread.</summary>
    /// <param name="memory">The memory; its receiving share is then this transport's.</param>
    /// <param name="behind">What was received behind the announcement: only doorbells.</param>
    /// <exception cref="IpcProtocolException">There is more than doorbells.</exception>
    public void ReceiveFromRing(RingMemory memory, ReadOnlySpan<byte> behind)
    {
        var reader = new RingReader(memory, isFirst: !_isClient);
        using (Steady.Enter(_waiting))
        {
            _reader = reader;
        }

        if (_closed)
        {
            memory.Dispose();
            return;
        }

        _filter.Add(behind);
        Hold(reader.Memory, reader, static (transport, ring) => transport.Arm(ring));
    }

    /// <summary>The rest of the received stream is on the socket again. Called by the receiving thread.</summary>
    public void ReceiveFromSocket()
    {
        RingReader? reader;
        using (Steady.Enter(_waiting))
        {
            reader = _reader;
            _reader = null;
        }

        _unseen = 0;
        _filter.Release();
        reader?.Memory.Leave();
    }

    public override int TryReceive(Span<byte> buffer)
        => _reader is { } reader
            ? FromRing(reader, buffer, mayBlock: false)
            : FromSocket(buffer, NativeSockets.DoNotWait);

    public override int Receive(Span<byte> buffer)
        => _reader is { } reader ? FromRing(reader, buffer, mayBlock: true) : FromSocket(buffer, 0);

    public override int SpinToReceive(Span<byte> buffer, int spins)
    {
        if (_reader is not { } reader)
        {
            return WouldBlock;
        }

        bool added = false;
        try
        {
            reader.Memory.DangerousAddRef(ref added);
            for (int i = 0; i < spins && !_closed; i++)
            {
                if (reader.HasAny)
                {
                    return Read(reader, buffer) is var count and > 0 ? count : WouldBlock;
                }

                Thread.SpinWait(1);
            }

            return WouldBlock;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
        finally
        {
            if (added)
            {
                reader.Memory.DangerousRelease();
            }
        }
    }

    public override bool WaitToReceive(int milliseconds)
    {
        BeginToWait();
        try
        {
            if (_closed || HasBytes())
            {
                return true;
            }

            Interlocked.Increment(ref _socketUses);
            return _socket.WaitToReceive(milliseconds);
        }
        finally
        {
            EndWait();
        }
    }

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        long left = Volatile.Read(ref _nextMark) - _sent;
        if (left <= first.Length + (long)second.Length)
        {
            if (left <= 0)
            {
                PassMarks();
                return TrySend(first, second);
            }

            // No send crosses a mark.
            int until = (int)left;
            second = second[..Math.Max(0, until - first.Length)];
            first = first[..Math.Min(until, first.Length)];
        }

        int sent = _writer is { } writer ? ToRing(writer, first, second)
            : _descriptorToSend is { } descriptor ? WithDescriptor(descriptor, first.IsEmpty ? second : first)
            : _socket.TrySend(first, second);
        if (sent > 0)
        {
            _sent += sent;
            if (_sent == Volatile.Read(ref _nextMark))
            {
                PassMarks();
            }
        }

        return sent;
    }

    public override void MarkSensitive() => _isSensitive = true;

    public override bool WaitToSend(int milliseconds)
        => _writer is { } writer ? WaitForRoom(writer, milliseconds) : _socket.WaitToSend(milliseconds);

    public override void Close()
    {
        _closed = true;
        if (_reader is { } reader)
        {
            Hold(reader.Memory, reader, static (_, ring) => ring.SayThatItClosed());
        }

        _socket.Close();
    }

    public override void Dispose()
    {
        Close();
        _socket.Dispose();
        _reader?.Memory.Dispose();
        using (Steady.Enter(_marking))
        {
            _writer?.Memory.Dispose();
            foreach (SendingMark mark in _marks)
            {
                mark.Discard();
            }

            _marks.Clear();
            Interlocked.Exchange(ref _descriptorToSend, null)?.Dispose();
        }

        Interlocked.Exchange(ref _descriptor, null)?.Dispose();
    }

    // ---- receiving

    private int FromSocket(Span<byte> buffer, int flags)
    {
        if (_closed)
        {
            return 0;
        }

        if (_filter.Kept > 0)
        {
            return _filter.Take(buffer);
        }

        if (!_expectsDescriptor)
        {
            return flags == 0 ? _socket.Receive(buffer) : _socket.TryReceive(buffer);
        }

        int received = _socket.Receive(buffer, flags, out NativeHandle? descriptor);
        if (descriptor is not null)
        {
            Interlocked.Exchange(ref _descriptor, descriptor)?.Dispose();
            if (_closed)
            {
                Interlocked.Exchange(ref _descriptor, null)?.Dispose();
            }
        }

        return received;
    }

    private int FromRing(RingReader reader, Span<byte> buffer, bool mayBlock)
    {
        bool added = false;
        try
        {
            reader.Memory.DangerousAddRef(ref added);
            while (!_closed)
            {
                int read = Read(reader, buffer);
                if (read > 0)
                {
                    return read;
                }

                if (_filter.Kept > 0)
                {
                    throw new IpcProtocolException(
                        "The peer sent on the socket while its stream is in shared memory. Expected empty frames.");
                }

                Interlocked.Increment(ref _socketUses);
                int bells = mayBlock ? BlockForBell(reader) : _socket.TryReceive(_bells);
                if (bells == RingIsNotEmpty)
                {
                    continue;
                }

                if (bells == 0)
                {
                    // What the peer wrote before it left is received first.
                    return _closed ? 0 : Read(reader, buffer);
                }

                if (bells == WouldBlock)
                {
                    return WouldBlock;
                }

                _filter.Add(_bells.AsSpan(0, bells));
            }
        }
        catch (ObjectDisposedException)
        {
        }
        finally
        {
            if (added)
            {
                reader.Memory.DangerousRelease();
            }
        }

        return 0;
    }

    /// <summary>
    /// Reads from the ring, and rings if the peer waits for room. Others that poll are seen to first: see the class.
    /// </summary>
    private int Read(RingReader reader, Span<byte> buffer)
    {
        if (_unseen == 0 && Volatile.Read(ref _waiters) > 0)
        {
            Arm(reader);
        }

        int read = reader.Read(buffer);
        _unseen = read > 0 ? Math.Max(0, _unseen - read) : 0;
        if (read > 0 && reader.TakeWriterWaits())
        {
            _ = Ring();
        }

        return read;
    }

    /// <summary>Sets the sign again for threads that poll, and then notes what none of them can see.</summary>
    private void Arm(RingReader reader)
    {
        bool isPolled;
        using (Steady.Enter(_waiting))
        {
            isPolled = _waiters > 0;
            if (isPolled)
            {
                reader.SayThatReaderWaits();
            }
        }

        _unseen = isPolled ? reader.Available : 0;
    }

    /// <summary>Blocks in the socket until there may be something in the ring.</summary>
    /// <returns>
    /// The number of bytes received; 0 at the end of the stream; <see cref="RingIsNotEmpty"/> when it did not block.
    /// </returns>
    private int BlockForBell(RingReader reader)
    {
        BeginToWait();
        try
        {
            return reader.HasAny ? RingIsNotEmpty : _socket.Receive(_bells);
        }
        finally
        {
            EndWait();
        }
    }

    private void BeginToWait()
    {
        using (Steady.Enter(_waiting))
        {
            _waiters++;
            if (_reader is { } reader)
            {
                Hold(reader.Memory, reader, static (_, ring) => ring.SayThatReaderWaits());
            }
        }
    }

    private void EndWait()
    {
        using (Steady.Enter(_waiting))
        {
            if (--_waiters == 0 && _reader is { } reader)
            {
                Hold(reader.Memory, reader, static (_, ring) => ring.SayThatNobodyWaits());
            }
        }
    }

    private bool HasBytes()
    {
        bool has = _filter.Kept > 0;
        if (!has && _reader is { } reader)
        {
            bool added = false;
            try
            {
                reader.Memory.DangerousAddRef(ref added);
                has = reader.HasAny;
            }
            catch (ObjectDisposedException)
            {
                has = true;
            }
            finally
            {
                if (added)
                {
                    reader.Memory.DangerousRelease();
                }
            }
        }

        return has;
    }

    // ---- sending

    private int ToRing(RingWriter writer, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        bool added = false;
        try
        {
            writer.Memory.DangerousAddRef(ref added);
            if (!_closed)
            {
                if (writer.PeerHasClosed)
                {
                    throw PeerClosed();
                }

                if (_isSensitive)
                {
                    writer.SayThatItIsSensitive();
                }

                int written = writer.Write(first, second);
                if (written > 0)
                {
                    _spinsForRoom = true;
                    if (writer.TakeReaderWaits() && !Ring() && !_closed)
                    {
                        throw PeerClosed();
                    }
                }

                return written > 0 || (first.IsEmpty && second.IsEmpty) ? written : WouldBlock;
            }
        }
        catch (ObjectDisposedException)
        {
        }
        finally
        {
            if (added)
            {
                writer.Memory.DangerousRelease();
            }
        }

        throw new IOException($"The connection to {IpcText.Escape(Description)} was closed by this side.");
    }

    private bool Ring()
    {
        Interlocked.Increment(ref _socketUses);
        return _bell.Ring();
    }

    private int WithDescriptor(NativeHandle descriptor, ReadOnlySpan<byte> bytes)
    {
        int sent = _socket.TrySendWith(descriptor, bytes);
        if (sent > 0)
        {
            Interlocked.Exchange(ref _descriptorToSend, null)?.Dispose();
        }

        return sent;
    }

    /// <summary>Makes the changes whose position has been sent.</summary>
    private void PassMarks()
    {
        using (Steady.Enter(_marking))
        {
            while (_marks.TryPeek(out SendingMark mark) && mark.Position <= _sent)
            {
                _ = _marks.Dequeue();
                Volatile.Write(ref _nextMark, _marks.TryPeek(out SendingMark next) ? next.Position : long.MaxValue);
                if (_closed)
                {
                    mark.Discard();
                    continue;
                }

                switch (mark.Change)
                {
                    case SendingChange.PassDescriptor:
                        _descriptorToSend = mark.Descriptor;
                        break;
                    case SendingChange.ToRing:
                        _writer = new RingWriter(mark.Memory!, isFirst: _isClient);
                        _spinsForRoom = true;

                        // The peer may wait already for room in the other ring, and could not be told until now.
                        _bell.Allow();
                        _ = _bell.Ring();
                        break;
                    default:
                        _bell.Forbid();
                        RingWriter? writer = _writer;
                        _writer = null;
                        writer?.Memory.Leave();
                        break;
                }
            }
        }
    }

    /// <summary>
    /// Waits until there is room in the ring. The doorbell for it comes on the socket, where another thread may receive
    /// it and see nothing for itself, so each wait is short.
    /// </summary>
    private bool WaitForRoom(RingWriter writer, int milliseconds)
    {
        bool added = false;
        try
        {
            writer.Memory.DangerousAddRef(ref added);
            long start = Stopwatch.GetTimestamp();
            if (milliseconds != 0 && _spinsForRoom && SpinForRoom(writer, start))
            {
                return true;
            }

            for (int wait = FirstRoomWait; ; wait = Math.Min(2 * wait, LongestRoomWait))
            {
                writer.SayThatWriterWaits();
                if (HasRoom(writer))
                {
                    return true;
                }

                int left = milliseconds < 0
                    ? wait
                    : (int)Math.Min(wait, milliseconds - (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (left <= 0)
                {
                    return false;
                }

                if (_socket.WaitToReceive(left) && !HasRoom(writer))
                {
                    // Something else is there to be received. Only the end of the stream is of interest here.
                    _ = _socket.WaitToHangUp(1);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        finally
        {
            if (added)
            {
                writer.Memory.DangerousRelease();
            }
        }
    }

    private bool HasRoom(RingWriter writer)
        => _closed || writer.Room > 0 || writer.PeerHasClosed || _socket.PeerHasClosed != false;

    private bool SpinForRoom(RingWriter writer, long start)
    {
        long end = start + (Stopwatch.Frequency / 1000 * RoomSpinMilliseconds);
        for (int i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            if (_closed || writer.Room > 0 || writer.PeerHasClosed)
            {
                return true;
            }

            if (i % 16 == 15)
            {
                _ = Thread.Yield();
            }
            else
            {
                Thread.SpinWait(1);
            }
        }

        // Once for each time that the ring is full: a peer that does not read must not cost processor time.
        _spinsForRoom = false;
        return false;
    }

    private IOException PeerClosed() => new($"The peer of {IpcText.Escape(Description)} closed the connection.");

    /// <summary>Does something with a ring, unless its memory is gone.</summary>
    private void Hold<T>(RingMemory memory, T ring, Action<RingTransport, T> act)
    {
        bool added = false;
        try
        {
            memory.DangerousAddRef(ref added);
            act(this, ring);
        }
        catch (ObjectDisposedException)
        {
        }
        finally
        {
            if (added)
            {
                memory.DangerousRelease();
            }
        }
    }
}
