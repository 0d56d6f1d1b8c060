using System.ComponentModel;

namespace Multiprocess.Generated;

/// <summary>The base of generated stubs. A stub runs the received calls for objects of one contract.</summary>
/// <typeparam name="T">The contract: an interface or a delegate type.</typeparam>
/// <remarks>A stub has no state: one stub serves all objects of its contract, on any thread.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class IpcStub<T> where T : class
{
    /// <summary>Creates the stub.</summary>
    /// <param name="name">The full name of the contract, as it appears in logs and in the handshake.</param>
    /// <param name="fingerprint">
    /// A hash of the contract's methods and the types they carry. Two sides with different hashes may still work
    /// together.
    /// </param>
    /// <param name="form">
    /// A hash of how each method encodes its values, valid in this process only. 0 for a type that has a single stub.
    /// </param>
    protected IpcStub(string name, ulong fingerprint, ulong form = 0)
    {
        Name = name;
        Fingerprint = fingerprint;
        Form = form;
    }

    /// <summary>The full name of the contract.</summary>
    public string Name { get; }

    /// <summary>A hash of the contract's methods and the types they carry.</summary>
    public ulong Fingerprint { get; }

    /// <summary>
    /// A hash of how each method encodes its values. Stubs of one type with the same form behave alike.
    /// </summary>
    internal ulong Form { get; }

    /// <summary>
    /// True when the receiver of such an object owns it, even as an argument: it is disposed when the connection is
    /// lost.
    /// </summary>
    internal virtual bool IsHandedOver => false;

    /// <summary>
    /// True when calls of the contract, or of a contract that it references, can carry descriptors: files, sockets or
    /// shared memory.
    /// </summary>
    public virtual bool PassesDescriptors => false;

    /// <summary>Creates the proxy for a reference of this contract.</summary>
    public abstract IpcProxy CreateProxy(IpcReference reference);

    /// <summary>The name of a method, for logs; null when the contract has no such method.</summary>
    public abstract string? GetMethodName(uint methodId);

    /// <summary>The ids of all methods.</summary>
    public virtual ReadOnlySpan<uint> MethodIds => default;

    /// <summary>
    /// The signature of a method and, in further lines, the types that it carries by value. Null when the contract has
    /// no such method or the method carries nothing that could change.
    /// </summary>
    public virtual string? GetShape(uint methodId) => null;

    /// <summary>
    /// Describes the contract and the types it mentions. Code of earlier generators describes nothing.
    /// </summary>
    public virtual void Describe(IpcDescription ipcDescription)
    {
    }

    /// <summary>
    /// Runs one call on <paramref name="target"/>: reads the arguments, calls the method, writes the results.
    /// </summary>
    public abstract void Dispatch(T target, ref IncomingCall call);
}
