using System.Diagnostics.CodeAnalysis;
using Multiprocess.Buffers;
using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Framing;

/// <content>The carrier's part: it sends, and passes its role to the writer.</content>
internal sealed partial class FrameSender
{
    // How long a sending thread itself waits for a full transport before it leaves the rest to the writer. During the
    // first part of this time the peer is most likely receiving. After it, some thread of this side must read, or two
    // peers that send large messages to each other would block for ever.
    private const int FirstPatienceMilliseconds = 1;
    private const int PatienceMilliseconds = 20;

    // Number of batches of other threads' frames that a carrier sends before it stops carrying.
    private const int MaxCarriedBatches = 16;

    private const int WriterStackBytes = 256 * 1024;

    /// <summary>Sends as the carrier until nothing is left, or passes the role to the writer.</summary>
    private void Carry(ReadOnlySpan<byte> own, ReadOnlySpan<byte> tail, bool mayWait)
    {
        try
        {
            while (!TrySendWhole(ref own, ref tail, mayWait))
            {
                if (mayWait && !MayCopy(own.Length + tail.Length))
                {
                    // A copy would take the same amount of memory again. Another thread reads in the meantime.
                    continue;
                }

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
            // Usually an IOException of the transport. Whatever it is, the role must not stay with a thread that has
            // left.
            _fail(exception);
        }
    }

    /// <summary>
    /// Takes all bytes that others queued. If there are none, gives up the role in the same hold of the lock.
    /// </summary>
    private bool TakeLeft([NotNullWhen(true)] out PooledBufferWriter? batch)
    {
        List<Action>? begin;
        using (Uninterruptible.Enter(_lock))
        {
            batch = _backlog.Take();
            if (batch is null)
            {
                _busy = false;
                TellSent();
            }

            Admit();
            begin = !_busy || !_backlog.IsOverShared ? TakeWhenRoom() : null;
        }

        begin?.ForEach(static one => one());
        return batch is not null;
    }

    // Before the role is passed on: the next carrier queues into this buffer.
    private static void GiveBack(PooledBufferWriter batch) => batch.Clear();

    /// <summary>
    /// Records that the transport is full while the carrier sends its own frame. False if a copy of the rest would make
    /// the connections that share a limit hold too much.
    /// </summary>
    private bool MayCopy(long own)
    {
        using (Uninterruptible.Enter(_lock))
        {
            return _closed is not null || _backlog.MayCopyInHand(own);
        }
    }

    /// <summary>Sends two pieces as if they were one; unsent bytes stay in them.</summary>
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

    /// <summary>
    /// Copies the bytes that are left to the writer. Pinned if they may be secret, so that the garbage collector leaves
    /// no copies behind.
    /// </summary>
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

    /// <summary>
    /// Passes the carrier's role to the writer, which sends the rest of a started batch and everything queued after it.
    /// </summary>
    private void PassToWriter(byte[] rest)
    {
        OutOfMemoryException? noThread = null;
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed is not null)
            {
                Wipe(rest);
                return;
            }

            _forWriter = rest;
            _backlog.HoldInHand(rest.Length, rest.Length);
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
            // Half a frame may be on the wire, and no thread can send the rest.
            _fail(new IOException("The system provides no thread for sending.", noThread));
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
            // Usually an IOException of the transport. Whatever it is, the role must not stay with a thread that has
            // left.
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
        using (Uninterruptible.Enter(_lock))
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
