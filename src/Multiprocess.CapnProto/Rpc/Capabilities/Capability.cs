using System.Diagnostics;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>
/// Something that can be called: an object of this process, an object of a peer, or a promise of one.
/// </summary>
/// <remarks>
/// All members are used under the gate. References are counted; the creator of a capability has the first one.
/// </remarks>
internal abstract class Capability
{
    private int _references = 1;

    /// <summary>The capability that this one was resolved to; this one itself while it is not resolved.</summary>
    public virtual Capability Current => this;

    /// <summary>Whether the capability may still be resolved to another one.</summary>
    public virtual bool IsPromise => false;

    /// <summary>Whether the capability has ended, because it had no references any more.</summary>
    public bool IsDropped { get; private set; }

    public void AddReference() => _references++;

    /// <summary>Releases one reference. The last release ends the capability.</summary>
    public void Release()
    {
        if (--_references == 0)
        {
            IsDropped = true;
            Drop();
        }
    }

    /// <summary>Makes a call. The answer is completed in any case, now or later.</summary>
    public abstract void Call(OutgoingCall call);

    /// <summary>
    /// Writes the capability as the target of a message to the peer that has it; not for one of this process.
    /// </summary>
    public virtual void WriteTarget(CapnpStructBuilder target) => throw new UnreachableException();

    /// <summary>Runs an action when the capability is no longer a promise: at once if it is not a promise.</summary>
    public virtual void WhenResolved(Action<Capability> then) => then(this);

    protected abstract void Drop();
}
