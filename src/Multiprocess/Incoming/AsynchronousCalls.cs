using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>The asynchronous calls of the peer that are not answered yet. No thread has them on its stack. Thread-safe.</summary>
internal sealed class AsynchronousCalls
{
    private readonly Dictionary<long, CallStep> _calls = [];
    private readonly Lock _lock = new();

    public void Add(CallStep call)
    {
        lock (_lock)
        {
            _calls[call.Request] = call;
        }
    }

    public void Remove(long request)
    {
        lock (_lock)
        {
            _calls.Remove(request);
        }
    }

    public CallStep[] Copy()
    {
        lock (_lock)
        {
            return [.. _calls.Values];
        }
    }
}
