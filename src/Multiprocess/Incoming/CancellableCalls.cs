namespace Multiprocess.Incoming;

/// <summary>The calls of the peer that it can cancel, by request.</summary>
/// <remarks>
/// A call is here until it is answered. One that was answered with objects which may have its token is kept until the peer
/// has let go of all of them. Guarded by the connection's gate.
/// </remarks>
internal sealed class CancellableCalls(Lock gate)
{
    private readonly Dictionary<long, CancellationTokenSource> _sources = [];

    // Answered calls that can be cancelled all the same, with the number of objects that keep them. Made with the first.
    private Dictionary<long, int>? _kept;

    /// <summary>How many answered calls can still be cancelled.</summary>
    public int KeptCount
    {
        get
        {
            lock (gate)
            {
                return _kept?.Count ?? 0;
            }
        }
    }

    /// <summary>Makes the source for a call that was accepted. Under the gate.</summary>
    public CancellationTokenSource Add(long request) => _sources[request] = new CancellationTokenSource();

    /// <summary>The source of a call; null for one that was answered meanwhile. Under the gate.</summary>
    public CancellationTokenSource? Find(long request) => _sources.GetValueOrDefault(request);

    /// <summary>The call is answered: the peer can no longer cancel it, unless it is kept.</summary>
    public void Forget(long request)
    {
        lock (gate)
        {
            if (_kept is null || !_kept.ContainsKey(request))
            {
                _sources.Remove(request);
            }
        }
    }

    /// <summary>The call is about to be answered with objects that may have its token: it can be cancelled until the peer has let go of them all.</summary>
    public void Keep(long request, int objects)
    {
        lock (gate)
        {
            if (_sources.ContainsKey(request))
            {
                (_kept ??= []).Add(request, objects);
            }
        }
    }

    /// <summary>One of the objects that keep a call is gone.</summary>
    public void Free(long request)
    {
        lock (gate)
        {
            if (_kept is null || !_kept.TryGetValue(request, out int objects))
            {
                return;
            }

            if (objects > 1)
            {
                _kept[request] = objects - 1;
                return;
            }

            _kept.Remove(request);
            _sources.Remove(request);
        }
    }

    /// <summary>The sources of all calls, which stay. Under the gate.</summary>
    public List<CancellationTokenSource> List() => [.. _sources.Values];

    /// <summary>As <see cref="List"/>, and takes the calls out. Under the gate.</summary>
    public List<CancellationTokenSource> TakeAll()
    {
        List<CancellationTokenSource> sources = List();
        _sources.Clear();
        _kept = null;
        return sources;
    }
}
