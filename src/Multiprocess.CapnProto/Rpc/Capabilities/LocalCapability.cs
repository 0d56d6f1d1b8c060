using System.Runtime.CompilerServices;
using Multiprocess.CapnProto.Contracts;
using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>An object of this process.</summary>
internal sealed class LocalCapability : Capability
{
    // An object has one capability, as long as there are references to it. Under the gate.
    private static readonly ConditionalWeakTable<ICapnpObject, LocalCapability> s_known = [];

    private readonly ObjectQueue _queue;

    private LocalCapability(ICapnpObject target)
    {
        Target = target;
        _queue = new(target);
    }

    public ICapnpObject Target { get; }

    /// <summary>Returns a new reference to an object.</summary>
    public static LocalCapability Of(ICapnpObject target)
    {
        if (s_known.TryGetValue(target, out LocalCapability? known) && !known.IsDropped)
        {
            known.AddReference();
            return known;
        }

        var made = new LocalCapability(target);
        s_known.AddOrUpdate(target, made);
        return made;
    }

    /// <summary>Whether there are references to an object. Any thread.</summary>
    public static bool IsInUse(ICapnpObject target)
    {
        lock (Gate.Lock)
        {
            return s_known.TryGetValue(target, out LocalCapability? known) && !known.IsDropped;
        }
    }

    public override void Call(OutgoingCall call)
    {
        AddReference(); // For the call: the object must not be disposed while it runs.
        CapnpCall run = call.RunOn(this);
        if (!_queue.IsIdle || Target is not IStub stub || !stub.TryPost(run))
        {
            _queue.Post(run);
        }
    }

    protected override void Drop()
    {
        if (Target is IDisposable or IAsyncDisposable)
        {
            _queue.PostDisposal();
        }
    }
}
