using System.Buffers;
using System.IO.Pipelines;

namespace Multiprocess.Transports;

/// <summary>A transport over the two pipes of an <see cref="IDuplexPipe"/>.</summary>
/// <remarks>
/// The blocking face over the pipes' asynchronous one: a read or a flush that does not end at once stays pending,
/// and its continuation only sets an event, so that waiting needs no pool thread. Nothing is cancelled when a wait
/// times out: the pending operation serves the next one. Whether a pending operation has ended is what its continuation
/// says, never the task itself: a pooled source that is asked for its result between the two is used again too early.
/// A pipe may be the application's own: whatever its operations throw is the end of the connection, and nothing worse.
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
    private readonly Action _received;
    private readonly Action _flushed;

    private readonly Action? _whenClosed;

    private volatile bool _closed;

    // Set where the operation begins, or by its continuation.
    private volatile bool _readReady;
    private volatile bool _flushReady;

    // Guarded by _receiving.
    private bool _readPending;
    private ValueTask<ReadResult> _read;
    private bool _ended;

    // Guarded by _sending.
    private bool _flushPending;
    private ValueTask<FlushResult> _flush;

    /// <summary>Takes over a pair of pipes; nobody else may use them from now on.</summary>
    /// <param name="pipe">What carries the bytes; both its ends are completed by <see cref="Close"/>.</param>
    /// <param name="peer">Who is at the other end.</param>
    /// <param name="description">What is connected, for logs.</param>
    /// <param name="isRemote">Whether the peer may be on another machine.</param>
    /// <param name="whenClosed">Called once, at the end of the first <see cref="Close"/>; must not wait and must not throw.</param>
    public DuplexPipeTransport(IDuplexPipe pipe, IpcPeer peer, string description, bool isRemote = false, Action? whenClosed = null)
    {
        _pipe = pipe;
        _whenClosed = whenClosed;
        IsRemote = isRemote;
        _received = OnReceived;
        _flushed = OnFlushed;
        Peer = peer;
        Description = description;
    }

    public override string Description { get; }

    public override IpcPeer Peer { get; }

    public override bool IsRemote { get; }

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
            catch (Exception)
            {
                _ended = true;
                return 0;
            }

            ReadOnlySequence<byte> data = result.Buffer;
            int count = (int)Math.Min(data.Length, buffer.Length);
            data.Slice(0, count).CopyTo(buffer);
            _ended = result.IsCompleted && count == data.Length;
            try
            {
                _pipe.Input.AdvanceTo(data.GetPosition(count));
            }
            catch (Exception)
            {
                _ended = true;
            }

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

            if (!PutOffInterrupts(_mayReceive, milliseconds, end))
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
                throw new IOException($"The connection to {IpcText.Escape(Description)} was closed by this side.");
            }

            try
            {
                if (_flushPending)
                {
                    if (!_flushReady)
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
                _flush = output.FlushAsync();
                _flushPending = true;
                _flushReady = _flush.IsCompleted;
                if (_flushReady)
                {
                    FinishFlush();
                }
                else
                {
                    _flush.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_flushed);
                }

                return fromFirst + fromSecond;
            }
            catch (Exception failure)
            {
                throw new IOException($"The peer of {IpcText.Escape(Description)} closed the connection: {failure.Message}", failure);
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
                if (_closed || !_flushPending || _flushReady)
                {
                    return true;
                }
            }

            if (!PutOffInterrupts(_maySend, milliseconds, end))
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Waits. Who interrupts a thread means its own code: in the middle of a frame it would end the connection for all
    /// others, so the interrupt is put off until the thread next blocks.
    /// </summary>
    private static bool PutOffInterrupts(ManualResetEventSlim signal, int milliseconds, long end)
    {
        bool interrupted = false;
        try
        {
            while (true)
            {
                try
                {
                    return signal.Wait(Remaining(milliseconds, end));
                }
                catch (ThreadInterruptedException)
                {
                    interrupted = true;
                }
            }
        }
        finally
        {
            if (interrupted)
            {
                Thread.CurrentThread.Interrupt();
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
            if (!_flushPending || _flushReady)
            {
                Complete(static pipe => pipe.Output.Complete());
            }
        }

        lock (_receiving)
        {
            // While a read is under way its memory is being written to, so it has to end before the reader is completed.
            if (!_readPending || _readReady)
            {
                Complete(static pipe => pipe.Input.Complete());
            }
            else
            {
                Complete(static pipe => pipe.Input.CancelPendingRead());
            }
        }

        _whenClosed?.Invoke();
    }

    public override void Dispose() => Close();

    private static int Remaining(int milliseconds, long end) =>
        milliseconds <= 0 ? milliseconds : (int)Math.Max(0, end - Environment.TickCount64);

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
            catch (Exception)
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
            _read = _pipe.Input.ReadAsync();
            _readPending = true;
            _readReady = _read.IsCompleted;
            if (!_readReady)
            {
                _read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_received);
            }
        }

        return _readReady;
    }

    private void OnReceived()
    {
        _readReady = true;
        _mayReceive.Set();
        CompleteIfClosed(_receiving, static pipe => pipe.Input.Complete());
    }

    private void OnFlushed()
    {
        _flushReady = true;
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
        catch (Exception)
        {
        }
    }
}
