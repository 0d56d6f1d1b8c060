using Multiprocess.Locks;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>
/// The asynchronous calls of the peer that have no answer yet. They are on no thread's stack. Thread-safe.
/// </summary>
internal sealed class AsynchronousCalls
{
    private readonly Dictionary<long, CallStep> _calls = [];
    private readonly Lock _lock = new();

    public void Add(CallStep call)
    {
        using (Uninterruptible.Enter(_lock))
        {
            _calls[call.Request] = call;
        }
    }

    public void Remove(long request)
    {
        using (Uninterruptible.Enter(_lock))
        {
            _calls.Remove(request);
        }
    }

    public CallStep[] Copy()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return [.. _calls.Values];
        }
    }
}
