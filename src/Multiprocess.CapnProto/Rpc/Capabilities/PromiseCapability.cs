using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Connections;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>A capability that will be resolved to another one.</summary>
/// <remarks>
/// <para>
/// States: <b>open</b> (calls go to the keeper of the promise, or wait here while the keeper is unknown),
/// <b>embargoed</b> (the object is known, but calls still wait), <b>resolved</b> (calls go to the object). Open →
/// embargoed → resolved, or open → resolved.
/// </para>
/// <para>
/// The embargo keeps calls in order. If the promise turns out to be an object of this side, calls that went to the peer
/// while the promise was open come back through the peer; a call that went directly would overtake them. So this side
/// asks the peer to send a message back the same way, and calls wait until the message arrives.
/// </para>
/// </remarks>
internal abstract class PromiseCapability : Capability
{
    private readonly Queue<OutgoingCall> _waiting = new();
    private List<Action<Capability>>? _listeners;
    private Capability? _resolution;
    private bool _isResolved;
    private bool _hasCalledPeer;

    public override Capability Current => _isResolved ? _resolution!.Current : this;

    public override bool IsPromise => !_isResolved || _resolution!.IsPromise;

    /// <summary>Whether the promise is still unresolved. Also false during an embargo.</summary>
    public bool IsOpen => _resolution is null;

    /// <summary>The connection whose peer will resolve the promise; null for a promise of this process.</summary>
    public abstract RpcConnection? Keeper { get; }

    public override void Call(OutgoingCall call)
    {
        if (_isResolved)
        {
            _resolution!.Call(call);
        }
        else if (IsOpen && Keeper is not null)
        {
            _hasCalledPeer = true;
            CallPeer(call);
        }
        else
        {
            Wait(call);
        }
    }

    public override void WhenResolved(Action<Capability> then)
    {
        if (_isResolved)
        {
            _resolution!.WhenResolved(then);
        }
        else
        {
            (_listeners ??= []).Add(then);
        }
    }

    /// <summary>Sends the calls that waited until the connection was known.</summary>
    public void KeeperFound()
    {
        if (IsOpen && Keeper is not null && _waiting.Count > 0)
        {
            _hasCalledPeer = true;
            MakeWaitingCalls(CallPeer);
        }
    }

    /// <summary>Resolves the promise, which takes over the reference.</summary>
    public void Resolve(Capability resolution)
    {
        if (IsDropped || !IsOpen)
        {
            resolution.Release();
            return;
        }

        // Calls on a promise that is resolved to itself would never end.
        if (resolution.Current == this)
        {
            resolution.Release();
            resolution = new BrokenCapability(
                new IpcProtocolException("Promise: Expected another object, got the promise itself."));
        }

        _resolution = resolution;
        if (_hasCalledPeer && Keeper is { IsOpen: true } keeper && NeedsEmbargo(resolution.Current, keeper))
        {
            AddReference(); // For the embargo.
            keeper.BeginEmbargo(this);
            LeaveKeeper();
            return;
        }

        LeaveKeeper();
        Finish();
    }

    /// <summary>
    /// Called when the message has come back, so that no earlier call is on its way any more, or when it will never
    /// come back, for the given reason.
    /// </summary>
    public void EndEmbargo(Exception? reason)
    {
        if (reason is not null)
        {
            _resolution!.Release();
            _resolution = new BrokenCapability(reason);
        }

        Finish();
        Release();
    }

    protected abstract void CallPeer(OutgoingCall call);

    /// <summary>
    /// Called when the promise is resolved or dropped: the peer no longer needs to keep it for this side.
    /// </summary>
    protected abstract void LeaveKeeper();

    protected override void Drop()
    {
        if (IsOpen)
        {
            LeaveKeeper();
        }

        _resolution?.Release();
    }

    // An object of the peer is reached over the same connection as before, and a broken capability has no order.
    private static bool NeedsEmbargo(Capability resolution, RpcConnection keeper)
        => resolution is not BrokenCapability
            && (resolution as ImportedCapability)?.Connection != keeper
            && (resolution as PromiseCapability)?.Keeper != keeper;

    // Apart, so that other calls allocate no closure.
    private void Wait(OutgoingCall call)
    {
        if (_waiting.Count == 0)
        {
            // Waiting calls are made even if the promise has no references any more.
            AddReference();
        }

        _waiting.Enqueue(call);

        // A cancelled call that waits must not keep its objects alive.
        call.Answer.WhenDone(_ => call.Parameters.Dispose());
    }

    private void Finish()
    {
        _isResolved = true;
        AddReference(); // The waiting calls may hold the last reference.
        MakeWaitingCalls(_resolution!.Call);
        List<Action<Capability>>? listeners = _listeners;
        _listeners = null;
        foreach (Action<Capability> listener in listeners ?? [])
        {
            _resolution!.WhenResolved(listener);
        }

        Release();
    }

    private void MakeWaitingCalls(Action<OutgoingCall> make)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        while (_waiting.TryDequeue(out OutgoingCall? call))
        {
            if (call.Answer.IsDone)
            {
                continue; // Cancelled in the meantime.
            }

            make(call);
        }

        Release();
    }
}
