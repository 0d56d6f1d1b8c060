using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>A transport over the two pipes of an <see cref="IDuplexPipe"/>.</summary>
/// <remarks>
/// <para>
/// Blocking calls over asynchronous pipes. A read or a flush that does not complete at once stays pending, and its
/// continuation only sets an event, so that waiting needs no pool thread. A timeout cancels nothing: the pending
/// operation serves the next wait. Only the continuation says whether a pending operation has completed, never the task
/// itself: reading the result of a pooled task source before its continuation would reuse the source too early.
/// </para>
/// <para>
/// The pipe may belong to the application: any exception of its operations ends the connection, and does nothing worse.
/// </para>
/// </remarks>
internal sealed class DuplexPipeTransport : Transport
{
    /// <summary>The most bytes per send, and thus the most by which a pipe's threshold can be exceeded.</summary>
    private const int MaxSendBytes = 64 * 1024;

    private readonly IDuplexPipe _pipe;

    // Held for every use of the pipe's reader or writer; no use blocks. Completing one while another thread uses it
    // would free memory that is still being copied.
    private readonly Lock _receiving = new();
    private readonly Lock _sending = new();

    private readonly ManualResetEventSlim _mayReceive = new();
    private readonly ManualResetEventSlim _maySend = new();
    private readonly Action _received;
    private readonly Action _flushed;

    private readonly Action? _whenClosed;
    private readonly DescriptorMailbox? _descriptorsTo;
    private readonly DescriptorMailbox? _descriptorsFrom;

    private volatile bool _closed;

    // Set by the thread that starts the operation, or by the operation's continuation.
    private volatile bool _readReady;
    private volatile bool _flushReady;

    // Guarded by _receiving.
    private bool _readPending;
    private ValueTask<ReadResult> _read;
    private bool _ended;

    // Guarded by _sending.
    private bool _flushPending;
    private ValueTask<FlushResult> _flush;

    /// <summary>Takes ownership of a pair of pipes; no other code may use them from now on.</summary>
    /// <param name="pipe">Carries the bytes; <see cref="Close"/> completes both its ends.</param>
    /// <param name="peer">The process at the other end.</param>
    /// <param name="description">The kind of connection, for logs.</param>
    /// <param name="isRemote">Whether the peer may be on another machine.</param>
    /// <param name="whenClosed">
    /// Called once, at the end of the first <see cref="Close"/>; must not block and must not throw.
    /// </param>
    /// <param name="descriptorsTo">
    /// Carries descriptors to the other end, which is in this process; null when descriptors cannot cross.
    /// </param>
    /// <param name="descriptorsFrom">Carries descriptors from the other end.</param>
    public DuplexPipeTransport(
        IDuplexPipe pipe,
        IpcPeer peer,
        string description,
        bool isRemote = false,
        Action? whenClosed = null,
        DescriptorMailbox? descriptorsTo = null,
        DescriptorMailbox? descriptorsFrom = null)
    {
        _pipe = pipe;
        _descriptorsTo = descriptorsTo;
        _descriptorsFrom = descriptorsFrom;
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

    public override bool PassesDescriptors => _descriptorsTo is not null;

    public override void PassDescriptors(long position, NativeHandle[] descriptors) => _descriptorsTo!.Add(descriptors);

    public override PassedDescriptors? TakeDescriptors() => _descriptorsFrom?.Take();

    public override int TryReceive(Span<byte> buffer)
    {
        using (Uninterruptible.Enter(_receiving))
        {
            if (_closed || _ended)
            {
                return 0;
            }

            ReadResult result;
            try
            {
                ReadResult? read = _readPending
                    ? null
                    : Uninterruptible.Do(_pipe.Input, static input => TryRead(input));
                if (read is null)
                {
                    // A reader over a stream reads from the stream only in an asynchronous read.
                    if (!StartReading())
                    {
                        return WouldBlock;
                    }

                    _readPending = false;
                    read = Uninterruptible.Do(_read, static read => read.GetAwaiter().GetResult());
                }

                result = read.Value;
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
                Uninterruptible.Do((_pipe.Input, To: data.GetPosition(count)), static step =>
                {
                    step.Input.AdvanceTo(step.To);
                    return true;
                });
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
            // Reset before checking: data that arrives after the check sets the event again.
            _mayReceive.Reset();
            if (HasReceived())
            {
                return true;
            }

            if (!Await(_mayReceive, milliseconds, end))
            {
                return false;
            }
        }
    }

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using (Uninterruptible.Enter(_sending))
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

                Write(first[..fromFirst]);
                Write(second[..fromSecond]);
                _flush = Uninterruptible.Do(_pipe.Output, static output => output.FlushAsync());
                _flushPending = true;
                _flushReady = _flush.IsCompleted;
                if (_flushReady)
                {
                    FinishFlush();
                }
                else
                {
                    OnCompleted(_flush.ConfigureAwait(false).GetAwaiter(), _flushed);
                }

                return fromFirst + fromSecond;
            }
            catch (Exception failure)
            {
                throw new IOException(
                    $"The peer of {IpcText.Escape(Description)} closed the connection: {failure.Message}", failure);
            }
        }
    }

    public override bool WaitToSend(int milliseconds)
    {
        long end = milliseconds > 0 ? Environment.TickCount64 + milliseconds : 0;
        while (true)
        {
            _maySend.Reset();
            using (Uninterruptible.Enter(_sending))
            {
                if (_closed || !_flushPending || _flushReady)
                {
                    return true;
                }
            }

            if (!Await(_maySend, milliseconds, end))
            {
                return false;
            }
        }
    }

    /// <summary>Waits. An interrupt is postponed, as in <see cref="Uninterruptible"/>.</summary>
    private static bool Await(ManualResetEventSlim signal, int milliseconds, long end)
    {
        bool isInterrupted = false;
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
                    isInterrupted = true;
                }
            }
        }
        finally
        {
            Uninterruptible.Repeat(isInterrupted);
        }
    }

    /// <summary>Wakes the thread that waits. A second call is harmless.</summary>
    private static void Set(ManualResetEventSlim signal)
        => Uninterruptible.Do(signal, static signal =>
        {
            signal.Set();
            return true;
        });

    /// <summary>
    /// Writes to the pipe. A pipe has locks of its own, which it takes before it changes anything.
    /// </summary>
    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = Uninterruptible.Do(_pipe.Output, static output => output.GetMemory(1)).Span;
            int count = Math.Min(bytes.Length, room.Length);
            bytes[..count].CopyTo(room);
            bytes = bytes[count..];
            Uninterruptible.Do((_pipe.Output, count), static step =>
            {
                step.Output.Advance(step.count);
                return true;
            });
        }
    }

    public override void Close()
    {
        using (Uninterruptible.Enter(_receiving))
        {
            using (Uninterruptible.Enter(_sending))
            {
                if (_closed)
                {
                    return;
                }

                _closed = true;
            }
        }

        Set(_mayReceive);
        Set(_maySend);
        using (Uninterruptible.Enter(_sending))
        {
            // When a flush is waiting for the peer, the end of that flush completes the writer. The pipe's content is
            // then still delivered, and a writer over a stream does not block here to write the rest.
            if (!_flushPending || _flushReady)
            {
                Complete(static pipe => pipe.Output.Complete());
            }
        }

        using (Uninterruptible.Enter(_receiving))
        {
            // A pending read writes to its memory, so it must end before the reader is completed.
            if (!_readPending || _readReady)
            {
                Complete(static pipe => pipe.Input.Complete());
            }
            else
            {
                Complete(static pipe => pipe.Input.CancelPendingRead());
            }
        }

        _descriptorsFrom?.Close();
        _whenClosed?.Invoke();
    }

    public override void Dispose() => Close();

    private static int Remaining(int milliseconds, long end) =>
        milliseconds <= 0 ? milliseconds : (int)Math.Max(0, end - Environment.TickCount64);

    private static ReadResult? TryRead(PipeReader input) => input.TryRead(out ReadResult read) ? read : null;

    /// <summary>Registers the one continuation of an operation.</summary>
    private static void OnCompleted<TAwaiter>(TAwaiter awaiter, Action continuation)
        where TAwaiter : ICriticalNotifyCompletion
        => Uninterruptible.Do((awaiter, continuation), static step =>
        {
            step.awaiter.UnsafeOnCompleted(step.continuation);
            return true;
        });

    private bool HasReceived()
    {
        using (Uninterruptible.Enter(_receiving))
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
            _read = Uninterruptible.Do(_pipe.Input, static input => input.ReadAsync());
            _readPending = true;
            _readReady = _read.IsCompleted;
            if (!_readReady)
            {
                OnCompleted(_read.ConfigureAwait(false).GetAwaiter(), _received);
            }
        }

        return _readReady;
    }

    private void OnReceived()
    {
        _readReady = true;
        Set(_mayReceive);
        CompleteIfClosed(_receiving, static pipe => pipe.Input.Complete());
    }

    private void OnFlushed()
    {
        _flushReady = true;
        Set(_maySend);
        CompleteIfClosed(_sending, static pipe => pipe.Output.Complete());
    }

    private void FinishFlush()
    {
        _flushPending = false;
        if (Uninterruptible.Do(_flush, static flush => flush.GetAwaiter().GetResult()).IsCompleted)
        {
            throw new IOException("its reader is completed.");
        }
    }

    // Called by continuations, which may run inside a call of the peer that holds one of the peer's locks. While both
    // ends are open, this method takes no lock, so that the locks of the two ends never wait for each other.
    private void CompleteIfClosed(Lock gate, Action<IDuplexPipe> complete)
    {
        // Pairs with Close, which sets its flag and then checks ours: one of the two sees the other's flag.
        Interlocked.MemoryBarrier();
        if (_closed)
        {
            using (Uninterruptible.Enter(gate))
            {
                Complete(complete);
            }
        }
    }

    // A pipe over a stream may fail on completion; it is finished in any case.
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
