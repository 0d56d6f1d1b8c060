using System.Runtime.CompilerServices;
using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>An object of this process.</summary>
internal sealed class LocalCapability : Capability
{
    // The same object is the same capability while anybody refers to it. Under the gate.
    private static readonly ConditionalWeakTable<ICapnpObject, LocalCapability> s_known = [];

    private readonly ObjectQueue _queue;

    private LocalCapability(ICapnpObject target)
    {
        Target = target;
        _queue = new(target);
    }

    public ICapnpObject Target { get; }

    /// <summary>Gives a new reference to an object.</summary>
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

    public override void Call(OutgoingCall call)
    {
        AddReference(); // For the call: the object is not to be disposed while it runs.
        _queue.Post(new CapnpCall(call, this));
    }

    protected override void Drop()
    {
        if (Target is IDisposable or IAsyncDisposable)
        {
            _queue.PostDisposal();
        }
    }
}
