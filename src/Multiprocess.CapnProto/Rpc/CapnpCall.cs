using System.Globalization;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Connections;
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
    private readonly LocalCapability _target;
    private Payload? _results;

    // Under the gate.
    private CancellationTokenSource? _cancellation;
    private bool _isCancelled;

    /// <summary>Under the gate. The call takes over a reference to the target.</summary>
    internal CapnpCall(OutgoingCall call, LocalCapability target)
    {
        _call = call;
        _target = target;
        call.Answer.CancelRun = Cancel;
    }

    /// <summary>The interface of the method.</summary>
    public ulong InterfaceId => _call.InterfaceId;

    /// <summary>The method's ordinal in the interface.</summary>
    public ushort MethodId => _call.MethodId;

    /// <summary>The parameters: a struct, for every method that a schema can describe.</summary>
    public CapnpPointerReader Parameters => _call.Parameters.Content;

    /// <summary>The results: a null pointer at first; make it a struct.</summary>
    public CapnpPointerBuilder Results => (_results ??= Payload.ForReturn()).Target;

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
        _results ??= Payload.ForReturn();
        CapnpRequest.Write(_results, pointer, reference);
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
            bool isCancelled;
            lock (Gate.Lock)
            {
                isCancelled = _isCancelled;
            }

            if (isCancelled)
            {
                throw new OperationCanceledException("The call was cancelled before it was run.");
            }

            await _target.Target.CallAsync(this).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        lock (Gate.Lock)
        {
            _cancellation?.Dispose();
            _cancellation = null;
            _isCancelled = true;
            _call.Parameters.Dispose();
            if (failure is not null)
            {
                _results?.Dispose();
                _call.Answer.Fail(failure);
            }
            else
            {
                _call.Answer.Complete(_results ?? Payload.ForReturn());
            }

            _target.Release();
        }
    }

    // Under the gate. Callbacks of the token are user code, so they run on the thread pool.
    private void Cancel()
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
