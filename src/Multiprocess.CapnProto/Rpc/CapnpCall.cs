using System.Globalization;
using Multiprocess.CapnProto.Generated;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>A call that an object of this process has received.</summary>
/// <remarks>
/// Valid until the task of <see cref="ICapnpObject.CallAsync"/> has ended: then the parameters are freed and the
/// results are sent. Only one thread at a time may use a call.
/// </remarks>
public sealed class CapnpCall
{
    private readonly OutgoingCall _call;
    private LocalCapability _target = null!;
    private Payload? _results;

    // Kept for the next call, if there is one.
    private Payload? _ownResults;
    private ContractCall? _contractCall;

    // Under the gate.
    private CancellationTokenSource? _cancellation;
    private bool _isCancelled;
    private bool _isUsedAgain;

    internal CapnpCall(OutgoingCall call) => _call = call;

    /// <summary>
    /// Begins a call; the object is new, or used by nobody else. The call takes over a reference to the target. Under
    /// the gate.
    /// </summary>
    internal void Begin(LocalCapability target)
    {
        _target = target;
        _results = null;
        _isCancelled = false;
        _call.Answer.Running = this;
    }

    /// <summary>The interface of the method.</summary>
    public ulong InterfaceId => _call.InterfaceId;

    /// <summary>The method's ordinal in the interface.</summary>
    public ushort MethodId => _call.MethodId;

    /// <summary>The parameters: a struct, for every method that a schema can describe.</summary>
    public CapnpPointerReader Parameters => _call.Parameters.Content;

    /// <summary>The results: a null pointer at first; make it a struct.</summary>
    public CapnpPointerBuilder Results => OwnResults.Target;

    /// <summary>Cancelled when the caller no longer needs the answer, or its connection is lost.</summary>
    public CancellationToken CancellationToken
    {
        get
        {
            lock (Gate.Lock)
            {
                if (_cancellation is null)
                {
                    _cancellation = new CancellationTokenSource();
                    if (_isCancelled)
                    {
                        _cancellation.Cancel(); // No callback was registered with it.
                    }
                }

                return _cancellation.Token;
            }
        }
    }

    /// <summary>The connection whose peer makes the call; null for a call of this process.</summary>
    internal RpcConnection? Origin => _call.Origin;

    /// <summary>The call as the connection knows it; null for a call of this process. Under the gate.</summary>
    internal IncomingCall? Incoming => _call.Answer.Incoming;

    /// <summary>The payload of the parameters. Under the gate.</summary>
    internal Payload ParametersPayload => _call.Parameters;

    /// <summary>The call as work for a thread: one object, which is used again with this one.</summary>
    internal ContractCall ContractCall => _contractCall ??= new(this);

    private Payload OwnResults
    {
        get
        {
            if (_results is null)
            {
                if (_ownResults is null)
                {
                    _ownResults = Payload.ForReturn();
                }
                else
                {
                    _ownResults.BeginReturn();
                }

                _results = _ownResults;
            }

            return _results;
        }
    }

    /// <summary>Returns the capability behind a pointer of the parameters. The caller disposes it.</summary>
    /// <returns>The capability; null for a null pointer.</returns>
    /// <exception cref="IpcProtocolException">The pointer is something else.</exception>
    public CapnpReference? Capability(CapnpPointerReader pointer)
    {
        lock (Gate.Lock)
        {
            return CapnpReference.Wrap(_call.Parameters.Find(pointer));
        }
    }

    /// <summary>Writes a capability into the results. Null makes the pointer null.</summary>
    /// <param name="pointer">A pointer of the results.</param>
    /// <param name="reference">The capability. The caller keeps the reference, and disposes it.</param>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    public void Write(CapnpPointerBuilder pointer, CapnpReference? reference)
    {
        CapnpRequest.Write(OwnResults, pointer, reference);
    }

    /// <summary>Creates the exception for a method that the object does not have.</summary>
    public CapnpException Unknown() => new(
        CapnpExceptionType.Unimplemented,
        string.Create(
            CultureInfo.InvariantCulture, $"Interface 0x{InterfaceId:x16}: Method {MethodId} is not implemented."));

    /// <summary>Runs the call and completes its answer.</summary>
    internal async Task RunAsync()
    {
        Exception? failure = null;
        try
        {
            ThrowIfCancelled();
            await _target.Target.CallAsync(this).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                Complete(failure);
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }
    }

    /// <exception cref="OperationCanceledException">The caller no longer needs the answer.</exception>
    internal void ThrowIfCancelled()
    {
        if (Volatile.Read(ref _isCancelled))
        {
            throw new OperationCanceledException("The call was cancelled before it was run.");
        }
    }

    /// <summary>Completes the answer. Under the gate.</summary>
    internal void Complete(Exception? failure)
    {
        _isUsedAgain = _cancellation is null && !_isCancelled;
        _cancellation?.Dispose();
        _cancellation = null;
        _isCancelled = true;
        _call.Parameters.Dispose();
        if (failure is not null)
        {
            _isUsedAgain = false;
            _results?.Dispose();
            _call.Answer.Fail(failure);
        }
        else
        {
            _call.Answer.Complete(OwnResults);
        }

        _target.Release();
    }

    /// <summary>
    /// Takes the state of the call back, if nobody refers to it any more. The last act of the thread that has run it.
    /// Under the gate.
    /// </summary>
    internal void TryRecycle(IncomingCall? incoming)
    {
        if (_isUsedAgain)
        {
            incoming?.TryRecycle();
        }
    }

    // Under the gate. Callbacks of the token are user code, so they run on the thread pool.
    internal void Cancel()
    {
        _isCancelled = true;
        if (_cancellation is { } cancellation)
        {
            ThreadPool.UnsafeQueueUserWorkItem(CancelLater, cancellation, preferLocal: false);
        }
    }

    private static void CancelLater(CancellationTokenSource cancellation)
    {
        try
        {
            cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has ended.
        }
        catch (AggregateException exception)
        {
            RpcEvents.Log.CancellationFailed(exception.Message);
        }
    }
}
