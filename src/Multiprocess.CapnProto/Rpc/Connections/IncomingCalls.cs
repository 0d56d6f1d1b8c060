using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>The calls of the peer: running calls, and calls whose results the peer may still refer to.</summary>
/// <remarks>Used under the gate.</remarks>
internal sealed class IncomingCalls(RpcConnection connection, CapnpConnectionOptions options)
{
    private const int MaxPooled = 16;

    private readonly Dictionary<uint, IncomingCall> _calls = [];
    private readonly Stack<IncomingCall> _pool = new();
    private long _bytes;

    // Calls that are not answered.
    private int _running;
    private TaskCompletionSource? _drained;

    public int Count => _calls.Count;

    public IncomingCall? Find(uint id) => _calls.GetValueOrDefault(id);

    /// <summary>Makes the state of a call that has arrived.</summary>
    public IncomingCall Begin(uint id, int bytes, bool keepsResults)
    {
        IncomingCall call = _pool.TryPop(out IncomingCall? pooled) ? pooled : new(this);
        call.Begin(id, bytes, keepsResults);
        return call;
    }

    /// <summary>Takes back a call to which nobody refers any more.</summary>
    public void Recycle(IncomingCall call)
    {
        if (_pool.Count < MaxPooled)
        {
            _pool.Push(call);
        }
    }

    /// <summary>
    /// Runs a call, and answers it in any case. Takes over the target's reference and the parameters.
    /// </summary>
    /// <exception cref="IpcProtocolException">The number is in use.</exception>
    /// <exception cref="IpcException">The peer has far too many unfinished calls.</exception>
    public void Run(IncomingCall call, Capability target)
    {
        OutgoingCall run = call.Run;
        try
        {
            Add(call);
        }
        catch (IpcException)
        {
            target.Release();
            run.Parameters.Dispose();
            throw;
        }

        if (_drained is not null)
        {
            run.Fail(new CapnpException(CapnpExceptionType.Disconnected, "Call: The connection is being ended."));
        }
        else if (_calls.Count > options.MaxCallsInFlight || _bytes > options.MaxWaitingBytes)
        {
            run.Fail(new CapnpException(
                CapnpExceptionType.Overloaded,
                $"Call: Expected at most {options.MaxCallsInFlight:N0} calls in flight "
                    + $"and {options.MaxWaitingBytes:N0} bytes of them, got more."));
        }
        else
        {
            target.Call(run);
        }

        target.Release();
        call.ReturnWhenDone();
    }

    /// <summary>Answers with the root.</summary>
    /// <exception cref="IpcProtocolException">The number is in use.</exception>
    /// <exception cref="IpcException">The peer has far too many unfinished calls.</exception>
    public void Bootstrap(uint id, Capability? root)
    {
        var call = new IncomingCall(this);
        call.Begin(id, bytes: 0, keepsResults: false);
        Add(call);
        if (root is null)
        {
            call.Answer.Fail(
                new CapnpException(CapnpExceptionType.Failed, "Bootstrap: Expected a root, got a peer that has none."));
        }
        else
        {
            Payload results = Payload.ForReturn();
            root.AddReference();
            results.Target.WriteCapabilityIndex(results.Add(root));
            call.Answer.Complete(results);
        }

        call.ReturnWhenDone();
    }

    /// <summary>
    /// Called when the peer no longer needs the results. A call that is not known was answered with a Return that needs
    /// no Finish: the peer had sent it before, or does not know such Returns.
    /// </summary>
    /// <exception cref="IpcProtocolException">The call was already finished.</exception>
    public void Finish(uint id, bool releaseResults)
    {
        if (!_calls.TryGetValue(id, out IncomingCall? call))
        {
            return;
        }

        if (call.IsFinished)
        {
            throw new IpcProtocolException($"Finish: Expected a call of the sender, got number {id:N0}.");
        }

        call.IsFinished = true;
        bool isReturned = call.IsReturned;
        if (isReturned)
        {
            Remove(call);
        }

        // First, because the exports may be refused if the peer has already released them.
        call.Answer.Dispose();
        if (isReturned && releaseResults)
        {
            connection.Exports.ReleaseAll(call.Exports);
        }
    }

    /// <summary>
    /// Refuses new calls and cancels running ones. The task completes when all are answered, or the connection has
    /// ended.
    /// </summary>
    public Task DrainAsync()
    {
        _drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (IncomingCall call in _calls.Values)
        {
            call.Answer.Running?.Cancel();
        }

        if (_running == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }

    /// <summary>Called when the connection has ended.</summary>
    public void Clear()
    {
        _drained?.TrySetResult();
        IncomingCall[] all = [.. _calls.Values];
        _calls.Clear();
        _bytes = 0;
        foreach (IncomingCall call in all)
        {
            call.Answer.Dispose(evenIfUsed: true);
        }
    }

    private void Add(IncomingCall call)
    {
        // A call that is answered without being run still occupies its number until the peer finishes it.
        if (_calls.Count >= 2 * options.MaxCallsInFlight)
        {
            throw new IpcException(
                IpcErrorKind.LimitExceeded,
                $"Calls: Expected the peer to finish them, got {_calls.Count:N0} that are not finished.");
        }

        if (!_calls.TryAdd(call.Id, call))
        {
            throw new IpcProtocolException($"Call: Expected a number that is not in use, got {call.Id:N0}.");
        }

        _bytes += call.Bytes;
        _running++;
    }

    private void Remove(IncomingCall call)
    {
        if (_calls.Remove(call.Id))
        {
            _bytes -= call.Bytes;
        }
    }

    /// <summary>Answers a call that was run.</summary>
    public void Return(IncomingCall call)
    {
        if (!connection.IsOpen)
        {
            return;
        }

        connection.Send(ReturnMessage(call));
        call.IsReturned = true;
        if (--_running == 0)
        {
            _drained?.TrySetResult();
        }

        if (call.IsFinished || call.IsForgotten)
        {
            Remove(call);
        }

        if (call.IsForgotten)
        {
            call.Answer.Dispose();
        }
    }

    private OutgoingMessage ReturnMessage(IncomingCall call)
    {
        if (call.IsFinished)
        {
            return Empty(call, ReturnKind.Canceled);
        }

        if (call.Answer.Results is not { } results)
        {
            return Exceptional(call, call.Answer.Error!);
        }

        if (call.KeepsResults)
        {
            return Empty(call, ReturnKind.ResultsSentElsewhere);
        }

        Payload payload;
        try
        {
            payload = results.ToSend(Payload.ForReturn);
        }
        catch (IpcException exception)
        {
            return Exceptional(call, exception);
        }

        payload.WriteTable(connection.Exports, call.Exports);
        OutgoingMessage message = payload.Message!;
        message.AddUser();
        WriteHead(message, call, ReturnKind.Results);

        // Results without capabilities are of no use to this side once they are sent.
        call.IsForgotten = payload.Capabilities.Count == 0;
        message.Body.WriteBool(33, call.IsForgotten);
        if (payload != results)
        {
            payload.Dispose();
        }

        return message;
    }

    private static OutgoingMessage Empty(IncomingCall call, ReturnKind kind)
    {
        OutgoingMessage message = OutgoingMessage.Begin(MessageKind.Return, RpcFormat.Return);
        WriteHead(message, call, kind);
        return message;
    }

    private static OutgoingMessage Exceptional(IncomingCall call, Exception exception)
    {
        OutgoingMessage message = Empty(call, ReturnKind.Exception);
        Exceptions.Write(message.Body.Pointer(0), exception);
        return message;
    }

    // References in the parameters are released one by one, with the last reference on this side.
    private static void WriteHead(OutgoingMessage message, IncomingCall call, ReturnKind kind)
    {
        message.Body.WriteUInt32(0, call.Id);
        message.Body.WriteBool(32, value: false, defaultValue: true);
        message.Body.WriteUInt16(3, (ushort)kind);
    }
}
