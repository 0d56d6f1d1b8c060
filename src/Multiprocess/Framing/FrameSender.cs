using System.Diagnostics.CodeAnalysis;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess.Framing;

/// <summary>Sends frames from any thread, each whole and in the order in which they were handed over.</summary>
/// <remarks>
/// States: free, or busy (one thread, the carrier, is sending). Whoever finds it free becomes the carrier, sends its
/// own frame and then what others left meanwhile, many frames in one system call. Whoever finds it busy leaves its
/// bytes and goes on. A carrier that may not wait, or that has waited long enough, passes the role to the writer, a
/// thread that exists only while the transport is full. The lock is never held during a system call.
/// </remarks>
internal sealed class FrameSender
{
    // How long a calling thread itself waits for a full transport before it leaves the rest to the writer.
    private const int PatienceMilliseconds = 20;

    // How many batches of others' frames a carrier sends before it goes about its own business.
    private const int MaxCarriedBatches = 16;

    private readonly Transport _transport;
    private readonly Action<Exception> _fail;

    // A monitor, because senders also wait on it. It guards all that follows.
    private readonly object _lock = new();
    private bool _busy;
    private Exception? _closed;
    private PooledBufferWriter _left = new(int.MaxValue);
    private PooledBufferWriter _spare = new(int.MaxValue);
    private int _waiting;

    /// <param name="transport">Where to send.</param>
    /// <param name="maxWaitingBytes">Most bytes that may wait to be sent.</param>
    /// <param name="fail">Told, outside the lock, when sending fails: the connection is lost.</param>
    public FrameSender(Transport transport, int maxWaitingBytes, Action<Exception> fail)
    {
        _transport = transport;
        _fail = fail;
        MaxWaitingBytes = maxWaitingBytes;
    }

    /// <summary>Most bytes that may wait to be sent; senders that may wait do so, the others are refused.</summary>
    public int MaxWaitingBytes { get; }

    /// <summary>Sends frames. The bytes may be reused when this returns.</summary>
    /// <param name="frames">Whole frames.</param>
    /// <param name="mayWait">
    /// True on a thread that waits anyway: it waits while too much is waiting to be sent.
    /// False where waiting is not allowed; then too much waiting is an error.
    /// </param>
    /// <exception cref="IpcException">More bytes wait to be sent than allowed; nothing was sent.</exception>
    public void Send(ReadOnlySpan<byte> frames, bool mayWait)
    {
        lock (_lock)
        {
            while (_busy)
            {
                if (_closed is not null)
                {
                    return;
                }

                if (_left.WrittenCount == 0 || (long)_left.WrittenCount + frames.Length <= MaxWaitingBytes)
                {
                    Leave(frames);
                    return;
                }

                if (!mayWait)
                {
                    throw new IpcException(IpcErrorKind.LimitExceeded, $"{_left.WrittenCount:N0} bytes already wait for the peer to receive them; the limit is {MaxWaitingBytes:N0}.");
                }

                Await(Timeout.Infinite);
            }

            if (_closed is not null)
            {
                return;
            }

            _busy = true;
        }

        Carry(frames, mayWait);
    }

    /// <summary>Waits until everything handed over was sent; false when the time ran out.</summary>
    public bool WaitUntilSent(int milliseconds)
    {
        lock (_lock)
        {
            return !_busy || _closed is not null || Await(milliseconds);
        }
    }

    /// <summary>Ends sending: what waits is forgotten, and who waits goes on.</summary>
    public void Close(Exception? reason)
    {
        lock (_lock)
        {
            _closed ??= reason ?? new IpcDisconnectedException("The connection is closed.");
            Admit();
        }
    }

    /// <summary>Sends as the carrier until nothing is left, or passes the role to the writer.</summary>
    private void Carry(ReadOnlySpan<byte> own, bool mayWait)
    {
        try
        {
            if (!TrySendWhole(own, mayWait ? PatienceMilliseconds : 0, out int sent))
            {
                PassToWriter(own[sent..]);
                return;
            }

            for (int batches = 0; TakeLeft(out PooledBufferWriter? batch); batches++)
            {
                bool whole = TrySendWhole(batch.WrittenSpan, mayWait ? PatienceMilliseconds : 0, out sent);
                if (!whole || batches == MaxCarriedBatches)
                {
                    PassToWriter(batch.WrittenSpan[sent..]);
                    GiveBack(batch);
                    return;
                }

                GiveBack(batch);
            }
        }
        catch (IOException exception)
        {
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
                batch = null;
            }
            else
            {
                batch = _left;
                _left = _spare;
                _spare = batch;
            }

            Admit();
            return batch is not null;
        }
    }

    // Only the carrier has a batch, so the spare is back before the next one is taken.
    private static void GiveBack(PooledBufferWriter batch) => batch.Clear();

    private void Leave(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_left.GetSpan(bytes.Length));
        _left.Advance(bytes.Length);
    }

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

    private void Admit()
    {
        if (_waiting > 0)
        {
            Monitor.PulseAll(_lock);
        }
    }

    private bool TrySendWhole(ReadOnlySpan<byte> bytes, int patienceMilliseconds, out int sent)
    {
        sent = 0;
        while (sent < bytes.Length)
        {
            int taken = _transport.TrySend(bytes[sent..], default);
            if (taken > 0)
            {
                sent += taken;
            }
            else if (patienceMilliseconds == 0 || !_transport.WaitToSend(patienceMilliseconds))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes a thread that sends the rest of a started batch and what is left after it, however long that takes.</summary>
    private void PassToWriter(ReadOnlySpan<byte> rest)
    {
        byte[] first = rest.ToArray();
        new Thread(() => Write(first), maxStackSize: 256 * 1024) { IsBackground = true, Name = "ipc writer" }.UnsafeStart();
    }

    private void Write(byte[] first)
    {
        try
        {
            TrySendWhole(first, Timeout.Infinite, out _);
            while (TakeLeft(out PooledBufferWriter? batch))
            {
                TrySendWhole(batch.WrittenSpan, Timeout.Infinite, out _);
                GiveBack(batch);
            }
        }
        catch (IOException exception)
        {
            _fail(exception);
        }
    }
}
