using Multiprocess.Messages;
using Multiprocess.Threads;

namespace Multiprocess.Outgoing;

/// <summary>The asynchronous calls of this side that are not answered yet, by request. Guarded by the connection's gate.</summary>
internal sealed class PendingCalls(ThreadMap threads)
{
    private readonly Dictionary<long, PendingCall> _calls = [];

    /// <summary>All of them. Under the gate.</summary>
    public IReadOnlyCollection<PendingCall> All => _calls.Values;

    /// <summary>Registers a call; false when the connection is closed. Before sending: the answer can arrive before the send returns.</summary>
    public bool TryAdd(PendingCall call)
    {
        lock (threads.Gate)
        {
            if (threads.IsClosed)
            {
                return false;
            }

            _calls.Add(call.Request, call);
            threads.PendingAsynchronous = _calls.Count;
        }

        if (threads.Received.IsPaused)
        {
            // From now on the peer must be read: it is to answer.
            threads.Resume();
        }

        return true;
    }

    /// <summary>Takes a call out because it could not be sent.</summary>
    public void Remove(PendingCall call)
    {
        lock (threads.Gate)
        {
            _calls.Remove(call.Request);
            threads.PendingAsynchronous = _calls.Count;
        }
    }

    /// <summary>Takes out the call that <paramref name="answer"/> is for. Under the gate.</summary>
    /// <exception cref="IpcProtocolException">There is no such call.</exception>
    public PendingCall Take(Message answer)
    {
        if (!_calls.Remove(answer.Request, out PendingCall? call))
        {
            throw new IpcProtocolException($"The peer answered request {answer.Request}, which is not open.");
        }

        threads.PendingAsynchronous = _calls.Count;
        return call;
    }

    /// <summary>Takes out all calls. Under the gate.</summary>
    public List<PendingCall> TakeAll()
    {
        List<PendingCall> calls = [.. _calls.Values];
        _calls.Clear();
        return calls;
    }
}
