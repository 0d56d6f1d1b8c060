using System.Collections.Concurrent;
using Multiprocess.Buffers;
using Multiprocess.Framing;
using Multiprocess.Generated;
using Multiprocess.Protocols;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Objects;

/// <summary>Releases references to objects of the peer, several in one message where possible. Thread-safe.</summary>
internal sealed class Releases(
    ImportTable imports,
    WireProtocol protocol,
    ControlMessages control,
    ThreadMap threads)
{
    private const int BatchBytes = 32 * 1024;

    // References to release; created with the first one.
    private ConcurrentQueue<(long Handle, long Count)>? _waiting;
    private int _isQueued;

    /// <summary>Ends one use of a proxy's reference. The end of the last use releases the reference at once.</summary>
    public void Release(IpcReference reference)
    {
        if (reference.EndUse())
        {
            Collect(reference);
            Send();
        }
    }

    /// <summary>
    /// Ends a use of a proxy's reference from a finalizer. The end of the last use releases the reference soon.
    /// </summary>
    public void ReleaseInBackground(IpcReference reference)
    {
        if (reference.EndUse())
        {
            Collect(reference);
            SendInBackground();
        }
    }

    /// <summary>Releases, at once, the references borrowed for a call that has ended.</summary>
    public void EndBorrowing(List<IpcProxy> borrowed)
    {
        foreach (IpcProxy proxy in borrowed)
        {
            if (imports.EndBorrowing(proxy.Reference))
            {
                if (proxy.Reference.IsReleased)
                {
                    proxy.Reference.GivenBack();
                }

                Add(proxy.Reference.Handle, 1);
            }
        }

        Send();
    }

    /// <summary>Releases the references in an unread body, or in the unread rest of one.</summary>
    public void ReleaseUnread(ReadOnlyMemory<byte> body)
    {
        try
        {
            protocol.ForEachReference(body, handle =>
            {
                if (handle > 0)
                {
                    Add(handle, 1);
                }
            });
        }
        catch (IpcProtocolException)
        {
            // After a malformed value no reference can be found and released.
        }

        SendInBackground();
    }

    private void Collect(IpcReference reference)
    {
        reference.GivenBack();
        long count = imports.Release(reference);
        if (count > 0)
        {
            Add(reference.Handle, count);
        }
    }

    private void Add(long handle, long count)
        => LazyInitializer.EnsureInitialized(ref _waiting, static () => new()).Enqueue((handle, count));

    private void SendInBackground()
    {
        if (_waiting is { IsEmpty: false } && Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            FrameworkPool.Queue(static releases => releases.Send(), this);
        }
    }

    private void Send()
    {
        Volatile.Write(ref _isQueued, 0);
        Interlocked.MemoryBarrier();
        if (threads.IsClosed)
        {
            _waiting?.Clear();
            return;
        }

        PooledBufferWriter? output = null;
        while (_waiting is { } waiting && waiting.TryDequeue(out (long Handle, long Count) release))
        {
            output ??= new PooledBufferWriter();
            protocol.WriteRelease(output, release.Handle, release.Count);
            if (output.WrittenCount > BatchBytes)
            {
                control.SendControlOrFail(output.WrittenSpan);
                output.Clear();
            }
        }

        if (output is not null)
        {
            control.SendControlOrFail(output.WrittenSpan);
            output.Dispose();
        }
    }
}
