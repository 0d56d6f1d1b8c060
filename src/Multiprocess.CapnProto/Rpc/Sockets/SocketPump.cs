using System.Buffers;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.Native;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>Writes messages to a Unix socket, and reads messages from it, without the thread pool.</summary>
/// <remarks>
/// <para>
/// The thread that posts a message writes it, once it has left the gate. Whoever finds another thread writing leaves
/// the message to that thread. If the socket is full, the thread waits for room if it may, otherwise a thread of its
/// own goes on: no thread of the pool waits for a peer.
/// </para>
/// <para>Reading is a role: see <see cref="SocketReadingRole"/>.</para>
/// </remarks>
internal sealed class SocketPump : MessagePump, IThreadPoolWorkItem
{
    // Messages are collected up to this size, so that one system call sends them.
    private const int BatchBytes = 64 * 1024;

    private const int UsualBytes = 1024;

    private readonly UnixSocketTransport _transport;
    private readonly SocketReadingRole _role;
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Of the thread that writes, as MessagePump chooses it.
    private Queue<OutgoingMessage>? _batch;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private int _start;
    private int _end;
    private long _collected;
    private Exception? _failure;

    // A message that is too large to be copied: its segments follow the bytes.
    private OutgoingMessage? _large;
    private int _segment;
    private int _offset;

    /// <param name="transport">The socket, which the pump owns.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="IOException">The system provides no descriptor.</exception>
    public SocketPump(UnixSocketTransport transport, CapnpConnectionOptions options)
        : base(options)
    {
        _transport = transport;
        _role = new(this, transport, options.Message);
    }

    public override SocketReadingRole? Role => _role;

    /// <summary>Whether calls of this side are not answered. Set once; called under the gate.</summary>
    public Func<bool> HasQuestions { get; set; } = () => false;

    public override Task ReadAsync(Action<IncomingMessage> handle)
    {
        _role.Start(handle);
        return _read.Task;
    }

    public override void StopReading()
    {
        _role.Close();
        _read.TrySetResult();
    }

    /// <summary>Called by the thread that reads, when nothing more can be read.</summary>
    /// <param name="reason">Null at the end of the stream.</param>
    /// <param name="partialBytes">The bytes of an incomplete message.</param>
    public void ReadingEnded(Exception? reason, int partialBytes)
    {
        if (reason is null && partialBytes > 0)
        {
            reason = new EndOfStreamException(
                $"Connection: Expected a whole message, got {partialBytes:N0} bytes of one.");
        }

        if (reason is null)
        {
            _read.TrySetResult();
        }
        else
        {
            _read.TrySetException(reason);
        }
    }

    public override ValueTask ReleaseAsync()
    {
        _transport.Dispose();
        _role.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes what waits. Called outside the gate by the thread that writes; does not throw.</summary>
    /// <param name="mayWait">Whether this thread may wait for room in the socket.</param>
    public void Write(bool mayWait)
    {
        bool isComplete = false;
        while (_collected > 0 || Collect(out isComplete))
        {
            if (_failure is null && !TrySend())
            {
                if (!mayWait)
                {
                    Continue();
                    return;
                }

                // The peer may be in the same situation: some thread must read, or both sides wait for ever.
                _role.SenderStalled();
                _ = _transport.WaitToSend(Timeout.Infinite);
                continue;
            }

            _bytes.AsSpan(0, _end).Clear(); // No copy stays here: a message may be secret.
            _start = _end = 0;
            _large?.Release();
            _large = null;
            if (_bytes.Length > 4 * BatchBytes)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = ArrayPool<byte>.Shared.Rent(UsualBytes);
            }

            Written(_collected, batch: null);
            _collected = 0;
            if (_failure is { } failure)
            {
                Lost(failure);
            }
        }

        if (isComplete)
        {
            AllWritten();
        }
    }

    void IThreadPoolWorkItem.Execute() => Write(mayWait: false);

    protected override void BeginWriting()
    {
        if (!AfterGate.TryWrite(this))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    protected override void CancelWriting() => _transport.Close();

    // Sends the collected bytes; false if the socket is full.
    private bool TrySend()
    {
        try
        {
            while (true)
            {
                Span<byte> bytes = _bytes.AsSpan(_start, _end - _start);
                ReadOnlySpan<byte> segment = NextOfLarge();
                if (bytes.IsEmpty && segment.IsEmpty)
                {
                    return true;
                }

                int sent = _transport.TrySend(bytes, segment);
                if (sent == Transport.WouldBlock)
                {
                    return false;
                }

                int ofBytes = Math.Min(sent, bytes.Length);
                _start += ofBytes;
                _offset += sent - ofBytes;
            }
        }
        catch (IOException exception)
        {
            _failure = exception;
        }

        return true;
    }

    // What was not sent of the segments of the large message; empty if there is none.
    private ReadOnlySpan<byte> NextOfLarge()
    {
        while (_large is not null && _segment < _large.Builder.Arena.Count)
        {
            ReadOnlySpan<byte> rest = _large.Builder.Arena[_segment].Used[_offset..];
            if (!rest.IsEmpty)
            {
                return rest;
            }

            _segment++;
            _offset = 0;
        }

        return default;
    }

    // Copies waiting messages; false if there are none: this thread then writes no more.
    private bool Collect(out bool isComplete)
    {
        isComplete = false;
        _batch ??= TakeWaiting(out isComplete);
        if (_batch is null)
        {
            return false;
        }

        while (_end < BatchBytes && _large is null && _batch.TryDequeue(out OutgoingMessage? message))
        {
            _collected += message.Bytes;
            if (message.Bytes > BatchBytes)
            {
                int header = SegmentTable.HeaderBytesFor(message.Builder.Arena.Count);
                MakeRoom(header);
                message.Builder.WriteHeader(_bytes.AsSpan(_end, header));
                _end += header;
                (_large, _segment, _offset) = (message, 0, 0);
                continue;
            }

            int bytes = (int)message.Bytes;
            MakeRoom(bytes);
            message.Builder.CopyTo(_bytes.AsSpan(_end, bytes));
            _end += bytes;
            message.Release();
        }

        if (_batch.Count == 0)
        {
            Written(0, _batch);
            _batch = null;
        }

        return true;
    }

    private void MakeRoom(int bytes)
    {
        if (_bytes.Length - _end >= bytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(_end + bytes);
        _bytes.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = larger;
    }

    private void Continue()
    {
        try
        {
            BackgroundThread.StartForPeer(() => Write(mayWait: true), "capnp writer");
        }
        catch (OutOfMemoryException exception)
        {
            _failure = exception;
            Write(mayWait: false);
        }
    }
}
