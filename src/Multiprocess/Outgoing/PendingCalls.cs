using Multiprocess.Locks;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Threads;

namespace Multiprocess.Outgoing;

/// <summary>
/// The asynchronous calls of this side that have no answer yet, by request. Guarded by the connection's gate.
/// </summary>
internal sealed class PendingCalls(ThreadMap threads)
{
    private readonly Dictionary<long, PendingCall> _calls = [];

    /// <summary>All pending calls. Under the gate.</summary>
    public IReadOnlyCollection<PendingCall> All => _calls.Values;

    /// <summary>
    /// Registers a call; false when the connection is closed. Called before sending: the answer can arrive before the
    /// send returns.
    /// </summary>
    public bool TryAdd(PendingCall call)
    {
        using (Uninterruptible.Enter(threads.Gate))
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
            // The peer must be read from now on, because its answer is expected.
            threads.Resume();
        }

        return true;
    }

    /// <summary>Removes a call that could not be sent.</summary>
    public void Remove(PendingCall call)
    {
        using (Uninterruptible.Enter(threads.Gate))
        {
            _calls.Remove(call.Request);
            threads.PendingAsynchronous = _calls.Count;
        }
    }

    /// <summary>Removes and returns the call that <paramref name="answer"/> answers. Under the gate.</summary>
    /// <exception cref="IpcProtocolException">There is no such call.</exception>
    public PendingCall Take(Message answer)
    {
        if (!_calls.Remove(answer.Request, out PendingCall? call))
        {
            throw new IpcProtocolException($"Answer: Expected one to an open request, got request {answer.Request}.");
        }

        threads.PendingAsynchronous = _calls.Count;
        return call;
    }

    /// <summary>Removes and returns all calls. Under the gate.</summary>
    public List<PendingCall> TakeAll()
    {
        List<PendingCall> calls = [.. _calls.Values];
        _calls.Clear();
        return calls;
    }
}
