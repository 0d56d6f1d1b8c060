using System.ComponentModel;
using Multiprocess.CapnProto.Contracts;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>A call of a contract, for generated code: what its values need to refer to objects.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract partial class CapnpExchange : IDisposable
{
    private const int MaxEmptyElements = 65_536;

    private protected CapnpExchange(CapnpSession? session) => Session = session;

    private protected CapnpSession? Session { get; set; }

    /// <summary>Writes a reference to an object. Null makes the pointer null.</summary>
    public void Write<T>(CapnpPointerBuilder pointer, T? target) where T : class
    {
        if (target is null)
        {
            pointer.Clear();
            return;
        }

        if (CapnpProxy.Behind(target) is { } proxy && proxy.Session == Session)
        {
            WriteReference(pointer, proxy.Reference);
            return;
        }

        CapnpStub<T> stub = CapnpBinding<T>.Instance.StubOf(target);
        if (this is CapnpIncomingCall)
        {
            stub.Own();
        }

        using CapnpReference reference = CapnpReference.Of(stub);
        WriteReference(pointer, reference);
    }

    /// <summary>Reads an object: one of this process as itself, otherwise a proxy. Null for a null pointer.</summary>
    public T? Read<T>(CapnpPointerReader pointer) where T : class
    {
        CapnpReference? reference = ReadReference(pointer);
        if (reference is null)
        {
            return null;
        }

        if (reference.Target is IStub { TargetObject: T target })
        {
            reference.Dispose();
            return target;
        }

        return CapnpBinding<T>.Instance.ProxyOf(reference, Session);
    }

    /// <summary>
    /// The number of a list's elements. Elements that take no space in the message take memory here, so there may not
    /// be many of them.
    /// </summary>
    /// <exception cref="IpcProtocolException">There are too many.</exception>
    public static int CountOf(CapnpListReader list) => !list.HasNoContent || list.Count <= MaxEmptyElements
        ? list.Count
        : throw new IpcProtocolException(
            $"List: Expected at most {MaxEmptyElements:N0} elements without content, got {list.Count:N0}.");

    /// <summary>Reads an object where null is not allowed.</summary>
    /// <exception cref="CapnpException">The pointer is null.</exception>
    public T ReadRequired<T>(CapnpPointerReader pointer, string name) where T : class
        => Read<T>(pointer)
            ?? throw new CapnpException(CapnpExceptionType.Failed, $"{name}: Expected an object, got null.");

    /// <summary>Writes a reference without a contract. Null makes the pointer null.</summary>
    public abstract void WriteReference(CapnpPointerBuilder pointer, CapnpReference? reference);

    /// <summary>Reads a reference without a contract. Null for a null pointer.</summary>
    public abstract CapnpReference? ReadReference(CapnpPointerReader pointer);

    /// <inheritdoc/>
    public abstract void Dispose();
}
