using System.Collections.Concurrent;
using Multiprocess.Framing;
using Multiprocess.Generated;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Threads;

namespace Multiprocess.Objects;

/// <summary>Gives references to objects of the peer back, many in one message where they come together. Thread-safe.</summary>
internal sealed class Releases(ImportTable imports, ControlMessages control, ThreadMap threads)
{
    private const int BatchBytes = 32 * 1024;

    // What is to be given back; made with the first.
    private ConcurrentQueue<(long Handle, long Count)>? _waiting;
    private int _isQueued;

    /// <summary>Ends one use of a proxy's reference; with the last one it is given back now.</summary>
    public void Release(IpcReference reference)
    {
        if (reference.EndUse())
        {
            Collect(reference);
            Send();
        }
    }

    /// <summary>Ends the last use of a proxy's reference, from a finalizer: it is given back soon.</summary>
    public void ReleaseInBackground(IpcReference reference)
    {
        if (reference.EndUse())
        {
            Collect(reference);
            SendInBackground();
        }
    }

    /// <summary>Gives back what was borrowed for a call that has ended, now.</summary>
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

    /// <summary>Gives back the references in a body, or the rest of one, that nobody will read.</summary>
    public void ReleaseUnread(ReadOnlyMemory<byte> body)
    {
        try
        {
            ReferenceFormat.ForEach(body, handle =>
            {
                if (handle > 0)
                {
                    Add(handle, 1);
                }
            });
        }
        catch (IpcProtocolException)
        {
            // What is malformed past this point holds no references that could be given back.
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
            ThreadPool.UnsafeQueueUserWorkItem(static releases => releases.Send(), this, preferLocal: false);
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
            int start = output.WrittenCount;
            var writer = new MessagePackWriter(output);
            ReleaseMessage.Write(ref writer, release.Handle, release.Count);
            writer.Flush();
            MessageFormat.End(output.Written[start..]);
            if (output.WrittenCount > BatchBytes)
            {
                control.SendOrFail(output.WrittenSpan);
                output.Clear();
            }
        }

        if (output is not null)
        {
            control.SendOrFail(output.WrittenSpan);
            output.Dispose();
        }
    }
}
