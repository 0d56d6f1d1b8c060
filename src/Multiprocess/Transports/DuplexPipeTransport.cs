using System.Buffers;
using System.IO.Pipelines;

namespace Multiprocess.Transports;

/// <summary>A transport over the two pipes of an <see cref="IDuplexPipe"/>.</summary>
/// <remarks>
/// The blocking face over the pipes' asynchronous one: a read or a flush that does not end at once stays pending,
/// and its continuation only sets a flag and an event, so that waiting needs no pool thread. Nothing is cancelled when
/// a wait times out: the pending operation serves the next one. Once a continuation is registered, only its call says
/// that the operation has ended: a pooled operation is complete a moment earlier, and a result taken then would start
/// it anew under the thread that is about to call the continuation.
/// </remarks>
internal sealed class DuplexPipeTransport : Transport
{
    /// <summary>Taken by one send, so that a pipe's threshold is overshot by no more than this.</summary>
    private const int MaxSendBytes = 64 * 1024;

    private readonly IDuplexPipe _pipe;

    // Held for every use of the pipe's reader or writer, none of which waits: completing one while another thread
    // is inside it would give memory back that is still being copied.
    private readonly Lock _receiving = new();
    private readonly Lock _sending = new();

    private readonly ManualResetEventSlim _mayReceive = new();
    private readonly ManualResetEventSlim _maySend = new();
    private readonly Action _readEnded;
    private readonly Action _flushEnded;

    private volatile bool _closed;

    // Set by the continuation of the pending operation, cleared under the lock before the next one begins.
    private volatile bool _readDone;
    private volatile bool _flushDone;

    // Guarded by _receiving.
    private bool _readPending;
    private ValueTask<ReadResult> _read;
    private bool _ended;

    // Guarded by _sending.
    private bool _flushPending;
    private ValueTask<FlushResult> _flush;

    /// <summary>Takes over a pair of pipes; nobody else may use them from now on.</summary>
    public DuplexPipeTransport(IDuplexPipe pipe, IpcPeer peer, string description)
    {
        _pipe = pipe;
        _readEnded = OnReadEnded;
        _flushEnded = OnFlushEnded;
        Peer = peer;
        Description = description;
    }

    public override string Description { get; }

    public override IpcPeer Peer { get; }

    public override int TryReceive(Span<byte> buffer)
    {
        lock (_receiving)
        {
            if (_closed || _ended)
            {
                return 0;
            }

            ReadResult result;
            try
            {
                if (_readPending || !_pipe.Input.TryRead(out result))
                {
                    // A reader over a stream looks at the stream only when it is asked to wait.
                    if (!StartReading())
                    {
                        return WouldBlock;
                    }

                    _readPending = false;
                    result = _read.GetAwaiter().GetResult();
                }
            }
            catch (Exception failure) when (IsEndOfPipe(failure))
            {
                _ended = true;
                return 0;
            }

            ReadOnlySequence<byte> data = result.Buffer;
            int count = (int)Math.Min(data.Length, buffer.Length);
            data.Slice(0, count).CopyTo(buffer);
            _ended = result.IsCompleted && count == data.Length;
            _pipe.Input.AdvanceTo(data.GetPosition(count));
            return count > 0 || _ended ? count : WouldBlock;
        }
    }

    public override int Receive(Span<byte> buffer)
    {
        while (true)
        {
            int received = TryReceive(buffer);
            if (received != WouldBlock)
            {
                return received;
            }

            _ = WaitToReceive(Timeout.Infinite);
        }
    }

    public override bool WaitToReceive(int milliseconds)
    {
        long end = milliseconds > 0 ? Environment.TickCount64 + milliseconds : 0;
        while (true)
        {
            // Before looking: what comes after the look sets it again.
            _mayReceive.Reset();
            if (HasReceived())
            {
                return true;
            }

            if (!_mayReceive.Wait(Remaining(milliseconds, end)))
            {
                return false;
            }
        }
    }

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        lock (_sending)
        {
            if (_closed)
            {
                throw new IOException($"The connection to {Description} was closed by this side.");
            }

            try
            {
                if (_flushPending)
                {
                    if (!_flushDone)
                    {
                        return WouldBlock;
                    }

                    FinishFlush();
                }

                int fromFirst = Math.Min(first.Length, MaxSendBytes);
                int fromSecond = Math.Min(second.Length, MaxSendBytes - fromFirst);
                if (fromFirst + fromSecond == 0)
                {
                    return 0;
                }

                PipeWriter output = _pipe.Output;
                output.Write(first[..fromFirst]);
                output.Write(second[..fromSecond]);
                _flushDone = false;
                _flush = output.FlushAsync();
                _flushPending = true;
                if (_flush.IsCompleted)
                {
                    FinishFlush();
                }
                else
                {
                    _flush.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_flushEnded);
                }

                return fromFirst + fromSecond;
            }
            catch (Exception failure) when (IsEndOfPipe(failure))
            {
                throw new IOException($"The peer of {Description} closed the connection: {failure.Message}", failure);
            }
        }
    }

    public override bool WaitToSend(int milliseconds)
    {
        long end = milliseconds > 0 ? Environment.TickCount64 + milliseconds : 0;
        while (true)
        {
            _maySend.Reset();
            lock (_sending)
            {
                if (_closed || !_flushPending || _flushDone)
                {
                    return true;
                }
            }

            if (!_maySend.Wait(Remaining(milliseconds, end)))
            {
                return false;
            }
        }
    }

    public override void Close()
    {
        lock (_receiving)
        {
            lock (_sending)
            {
                if (_closed)
                {
                    return;
                }

                _closed = true;
            }
        }

        _mayReceive.Set();
        _maySend.Set();
        lock (_sending)
        {
            // While a flush waits for the peer, its end completes the writer: what the pipe holds is still delivered,
            // and a writer over a stream does not block here to write the rest.
            if (!_flushPending || _flushDone)
            {
                Complete(static pipe => pipe.Output.Complete());
            }
        }

        lock (_receiving)
        {
            // While a read is under way its memory is being written to, so it has to end before the reader is completed.
            if (!_readPending || _readDone)
            {
                Complete(static pipe => pipe.Input.Complete());
            }
            else
            {
                Complete(static pipe => pipe.Input.CancelPendingRead());
            }
        }
    }

    public override void Dispose() => Close();

    private static int Remaining(int milliseconds, long end) =>
        milliseconds <= 0 ? milliseconds : (int)Math.Max(0, end - Environment.TickCount64);

    private static bool IsEndOfPipe(Exception failure) =>
        failure is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    private bool HasReceived()
    {
        lock (_receiving)
        {
            if (_closed || _ended)
            {
                return true;
            }

            try
            {
                return StartReading();
            }
            catch (Exception failure) when (IsEndOfPipe(failure))
            {
                _ended = true;
                return true;
            }
        }
    }

    // Called with _receiving held.
    private bool StartReading()
    {
        if (!_readPending)
        {
            _readDone = false;
            _read = _pipe.Input.ReadAsync();
            _readPending = true;
            if (_read.IsCompleted)
            {
                _readDone = true;
            }
            else
            {
                _read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_readEnded);
            }
        }

        return _readDone;
    }

    private void OnReadEnded()
    {
        _readDone = true;
        _mayReceive.Set();
        CompleteIfClosed(_receiving, static pipe => pipe.Input.Complete());
    }

    private void OnFlushEnded()
    {
        _flushDone = true;
        _maySend.Set();
        CompleteIfClosed(_sending, static pipe => pipe.Output.Complete());
    }

    private void FinishFlush()
    {
        _flushPending = false;
        if (_flush.GetAwaiter().GetResult().IsCompleted)
        {
            throw new IOException("its reader is completed.");
        }
    }

    // Called by continuations, which may run inside a call of the peer that holds one of the peer's own locks: while
    // both are open no lock is taken here, so that the two ends' locks never wait for each other.
    private void CompleteIfClosed(Lock gate, Action<IDuplexPipe> complete)
    {
        // Against Close, which sets its flag and then looks at ours: one of the two sees the other's.
        Interlocked.MemoryBarrier();
        if (_closed)
        {
            lock (gate)
            {
                Complete(complete);
            }
        }
    }

    // A pipe over a stream may fail while it is given back; the end is what was asked for.
    private void Complete(Action<IDuplexPipe> complete)
    {
        try
        {
            complete(_pipe);
        }
        catch (Exception failure) when (IsEndOfPipe(failure))
        {
        }
    }
}
