using System.ComponentModel;

namespace Multiprocess.Generated;

/// <summary>The base of generated stubs: runs calls that arrive for objects of one contract.</summary>
/// <typeparam name="T">The contract: an interface or a delegate type.</typeparam>
/// <remarks>A stub has no state; one serves all objects of its contract, on any thread.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class IpcStub<T> where T : class
{
    /// <summary>Creates the stub.</summary>
    /// <param name="name">The contract's full name, as it appears in logs and in the handshake.</param>
    /// <param name="fingerprint">A hash of the contract's methods and what they carry; two sides may differ in it and still talk.</param>
    /// <param name="form">A hash of how each method carries what it carries; of this process alone. 0 for a type that has one stub.</param>
    protected IpcStub(string name, ulong fingerprint, ulong form = 0)
    {
        Name = name;
        Fingerprint = fingerprint;
        Form = form;
    }

    /// <summary>The contract's full name.</summary>
    public string Name { get; }

    /// <summary>A hash of the contract's methods and what they carry.</summary>
    public ulong Fingerprint { get; }

    /// <summary>A hash of how each method carries what it carries. Stubs of one type with the same form do the same.</summary>
    internal ulong Form { get; }

    /// <summary>True when whoever receives such an object owns it, even as an argument: a lost connection disposes it.</summary>
    internal virtual bool IsHandedOver => false;

    /// <summary>Makes the proxy for a reference of this contract.</summary>
    public abstract IpcProxy CreateProxy(IpcReference reference);

    /// <summary>The contract's name of a method, for logs; null when the contract has no such method.</summary>
    public abstract string? GetMethodName(uint methodId);

    /// <summary>The ids of all methods.</summary>
    public virtual ReadOnlySpan<uint> MethodIds => default;

    /// <summary>A method's signature and, in further lines, the types that it carries by value; null when the contract has no such method, or none that could change.</summary>
    public virtual string? GetShape(uint methodId) => null;

    /// <summary>Says in words what the contract is, and what it mentions. Code of an earlier generator says nothing.</summary>
    public virtual void Describe(IpcDescription ipcDescription)
    {
    }

    /// <summary>Runs one call on <paramref name="target"/>: reads the arguments, calls, writes the results.</summary>
    public abstract void Dispatch(T target, ref IncomingCall call);
}
