using Multiprocess.Locks;

namespace Multiprocess.Incoming;

/// <summary>The calls of the peer that it can cancel, by request.</summary>
/// <remarks>
/// Holds a call until it is answered. A call answered with objects that may have its token is kept until the peer has
/// released all of them. Guarded by the connection's gate.
/// </remarks>
internal sealed class CancellableCalls(Lock gate)
{
    private readonly Dictionary<long, CancellationTokenSource> _sources = [];

    // Answered calls that can still be cancelled, each with the number of objects that keep it. Created with the first
    // one.
    private Dictionary<long, int>? _kept;

    /// <summary>Number of answered calls that can still be cancelled.</summary>
    public int KeptCount
    {
        get
        {
            using (Uninterruptible.Enter(gate))
            {
                return _kept?.Count ?? 0;
            }
        }
    }

    /// <summary>Creates the cancellation source of an accepted call. Under the gate.</summary>
    public CancellationTokenSource Add(long request) => _sources[request] = new CancellationTokenSource();

    /// <summary>The source of a call; null if the call was answered meanwhile. Under the gate.</summary>
    public CancellationTokenSource? Find(long request) => _sources.GetValueOrDefault(request);

    /// <summary>Removes an answered call: the peer can no longer cancel it, unless objects keep it.</summary>
    public void Forget(long request)
    {
        using (Uninterruptible.Enter(gate))
        {
            if (_kept is null || !_kept.ContainsKey(request))
            {
                _sources.Remove(request);
            }
        }
    }

    /// <summary>
    /// Keeps a call that is about to be answered with objects that may have its token: it can be cancelled until the
    /// peer has released all of them.
    /// </summary>
    public void Keep(long request, int objects)
    {
        using (Uninterruptible.Enter(gate))
        {
            if (_sources.ContainsKey(request))
            {
                (_kept ??= []).Add(request, objects);
            }
        }
    }

    /// <summary>Notes that one of the objects that keep a call is gone.</summary>
    public void Free(long request)
    {
        using (Uninterruptible.Enter(gate))
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

    /// <summary>The sources of all calls, without removing them. Under the gate.</summary>
    public List<CancellationTokenSource> List() => [.. _sources.Values];

    /// <summary>Removes and returns the sources of all calls. Under the gate.</summary>
    public List<CancellationTokenSource> TakeAll()
    {
        List<CancellationTokenSource> sources = List();
        _sources.Clear();
        _kept = null;
        return sources;
    }
}
