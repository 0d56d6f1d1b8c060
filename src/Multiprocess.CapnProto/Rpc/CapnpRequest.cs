using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>A call that is being prepared. Created by <see cref="CapnpReference.Call"/>.</summary>
/// <remarks>Only one thread at a time may use a request. It is sent once, or disposed.</remarks>
public sealed class CapnpRequest : IDisposable
{
    private readonly CapnpReference _target;
    private readonly ulong _interfaceId;
    private readonly ushort _methodId;
    private Payload? _parameters = Payload.ForCall();

    internal CapnpRequest(CapnpReference target, ulong interfaceId, ushort methodId)
    {
        _target = target;
        _interfaceId = interfaceId;
        _methodId = methodId;
    }

    /// <summary>The parameters: a null pointer at first; make it a struct.</summary>
    /// <exception cref="ObjectDisposedException">The request was sent or disposed.</exception>
    public CapnpPointerBuilder Parameters => Unsent.Target;

    private Payload Unsent => _parameters ?? throw new ObjectDisposedException(nameof(CapnpRequest));

    /// <summary>Writes a capability into the parameters. Null makes the pointer null.</summary>
    /// <param name="pointer">A pointer of the parameters.</param>
    /// <param name="reference">The capability. The caller keeps the reference, and disposes it.</param>
    /// <exception cref="ObjectDisposedException">The reference was disposed, or the request was sent or
    /// disposed.</exception>
    public void Write(CapnpPointerBuilder pointer, CapnpReference? reference) => Write(Unsent, pointer, reference);

    /// <summary>Makes the call. The caller disposes the answer.</summary>
    /// <param name="cancellationToken">
    /// Ends the wait for the answer with <see cref="OperationCanceledException"/>, and tells the peer. The remote side
    /// may have run the call.
    /// </param>
    /// <exception cref="ObjectDisposedException">The request was sent or disposed.</exception>
    public CapnpAnswer Send(CancellationToken cancellationToken = default)
    {
        Payload parameters = Unsent;
        _parameters = null;
        var answer = new Answer();
        CapnpAnswer result;
        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                result = new CapnpAnswer(answer);
                _target.Held.Call(new OutgoingCall(_interfaceId, _methodId, parameters, answer));
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }

        _target.Dispose();
        result.CancelWith(cancellationToken);
        return result;
    }

    /// <summary>Drops a request that was not sent. May be called again.</summary>
    public void Dispose()
    {
        _parameters?.Dispose();
        _parameters = null;
        _target.Dispose();
    }

    internal static void Write(Payload payload, CapnpPointerBuilder pointer, CapnpReference? reference)
    {
        lock (Gate.Lock)
        {
            payload.Write(pointer, reference?.Held);
        }
    }
}
