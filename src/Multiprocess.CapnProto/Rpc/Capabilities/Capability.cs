using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>Something that can be called: an object here, one of a peer, or one that is not known yet.</summary>
/// <remarks>All members are used under the gate. References are counted; who creates a capability has the
/// first.</remarks>
internal abstract class Capability
{
    private int _references = 1;

    /// <summary>What this capability has turned out to be; itself, as long as that is all that is known.</summary>
    public virtual Capability Current => this;

    /// <summary>Whether it can still turn out to be another one.</summary>
    public virtual bool IsPromise => false;

    /// <summary>Whether it was given up, because nobody referred to it.</summary>
    public bool IsDropped { get; private set; }

    public void AddReference() => _references++;

    /// <summary>One reference less. The last one gives the capability up.</summary>
    public void Release()
    {
        if (--_references == 0)
        {
            IsDropped = true;
            Drop();
        }
    }

    /// <summary>Makes a call. Its answer is completed in any case, now or later.</summary>
    public abstract void Call(OutgoingCall call);

    /// <summary>Says when the promise is one no more. At once if it is none.</summary>
    public virtual void WhenResolved(Action<Capability> then) => then(this);

    protected abstract void Drop();
}
