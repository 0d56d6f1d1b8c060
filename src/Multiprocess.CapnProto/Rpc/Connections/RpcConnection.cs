using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>The state of a connection: the four tables, and the messages that follow from their changes.</summary>
/// <remarks>
/// Used under the gate. Messages are sent in the order in which the state changes, because both happen under the gate;
/// the pump that passes them on keeps the order.
/// </remarks>
internal sealed class RpcConnection
{
    private readonly Slots<Question> _questions = new();
    private readonly Slots<PromiseCapability> _embargoes = new();
    private readonly MessagePump _pump;
    private readonly int _maxWaitingBytes;
    private Exception? _end;
    private CapnpSession? _session;

    /// <param name="pump">Sends the messages.</param>
    /// <param name="root">
    /// The object that the peer's bootstrap returns. The connection holds a reference until it ends.
    /// </param>
    /// <param name="options">Limits.</param>
    public RpcConnection(MessagePump pump, ICapnpObject? root, CapnpConnectionOptions options)
    {
        _pump = pump;
        Root = root is null ? null : LocalCapability.Of(root);
        _maxWaitingBytes = options.MaxWaitingBytes;
        MaxThreads = options.MaxThreads;
        Exports = new(this);
        Imports = new(this, options.MaxObjects);
        Calls = new(this, options);
    }

    public Capability? Root { get; }

    public Exports Exports { get; }

    public Imports Imports { get; }

    /// <summary>Calls of the peer.</summary>
    public IncomingCalls Calls { get; }

    public bool IsOpen => _end is null;

    /// <summary>The threads of contracts. Made by the first call of a contract; any thread.</summary>
    public CapnpSession Session
    {
        get
        {
            lock (Gate.Lock)
            {
                if (_session is null)
                {
                    _session = new(this, MaxThreads);
                    if (_end is not null)
                    {
                        _session.End();
                    }
                }

                return _session;
            }
        }
    }

    private int MaxThreads { get; }

    /// <summary>The role of reading; null if no thread of a contract reads.</summary>
    public SocketReadingRole? Role => _pump.Role;

    /// <summary>Unanswered calls of this side.</summary>
    public int QuestionCount => _questions.Count;

    /// <summary>Promises whose calls wait until a message has gone to the peer and come back.</summary>
    public int EmbargoCount => _embargoes.Count;

    public void Send(OutgoingMessage message)
    {
        if (IsOpen)
        {
            _pump.Post(message);
        }
        else
        {
            message.Release();
        }
    }

    public void SendFinish(uint questionId, bool releaseResults)
    {
        OutgoingMessage finish = OutgoingMessage.Begin(MessageKind.Finish, RpcFormat.Finish);
        finish.Body.WriteUInt32(0, questionId);
        finish.Body.WriteBool(32, releaseResults, defaultValue: true);
        Send(finish);
    }

    /// <summary>Asks the peer for its root.</summary>
    public void SendBootstrap(Answer answer)
    {
        if (_end is not null)
        {
            answer.Fail(_end);
            return;
        }

        Question question = Ask(answer);
        OutgoingMessage bootstrap = OutgoingMessage.Begin(MessageKind.Bootstrap, RpcFormat.Bootstrap);
        bootstrap.Body.WriteUInt32(0, question.Id);
        Send(bootstrap);
        answer.SentAs(question);
        ReadSoonFor(answer);
    }

    /// <summary>Sends a call to a capability of the peer.</summary>
    public void SendCall(OutgoingCall call, Capability target)
    {
        if (_end is not null)
        {
            call.Fail(_end);
            return;
        }

        Payload parameters;
        try
        {
            parameters = call.Parameters.ToSend(Payload.ForCall);
            if (_pump.WaitingBytes + parameters.Message!.Bytes > _maxWaitingBytes && _pump.WaitingBytes > 0)
            {
                throw new IpcException(
                    IpcErrorKind.LimitExceeded,
                    $"Call: Expected at most {_maxWaitingBytes:N0} bytes that wait for the peer to receive them, got more.");
            }
        }
        catch (IpcException exception)
        {
            call.Fail(exception);
            return;
        }

        Question question = Ask(call.Answer);
        CapnpStructBuilder body = parameters.Message!.Body;
        body.WriteUInt32(0, question.Id);
        body.WriteUInt16(2, call.MethodId);
        body.WriteUInt64(1, call.InterfaceId);
        target.WriteTarget(body.Pointer(0).InitStruct(RpcFormat.Target));
        parameters.WriteTable(Exports, question.Exports);
        parameters.Message.AddUser();
        Send(parameters.Message);
        parameters.Dispose();
        call.Parameters.Dispose();
        call.Answer.SentAs(question);
        ReadSoonFor(call.Answer);
    }

    /// <summary>Sends a message that the peer sends back after all calls that went to the promise.</summary>
    public void BeginEmbargo(PromiseCapability promise)
    {
        OutgoingMessage disembargo = OutgoingMessage.Begin(MessageKind.Disembargo, RpcFormat.Disembargo);
        promise.WriteTarget(disembargo.Body.Pointer(0).InitStruct(RpcFormat.Target));
        disembargo.Body.WriteUInt32(0, _embargoes.Add(promise));
        disembargo.Body.WriteUInt16(2, (ushort)DisembargoKind.SenderLoopback);
        Send(disembargo);
    }

    /// <exception cref="IpcProtocolException">There is no such embargo.</exception>
    public void EndEmbargo(uint id)
    {
        if (!_embargoes.TryGet(id, out PromiseCapability? promise))
        {
            throw new IpcProtocolException($"Disembargo: Expected an embargo of this side, got number {id:N0}.");
        }

        _embargoes.Remove(id);
        promise.EndEmbargo(reason: null);
    }

    /// <exception cref="IpcProtocolException">There is no such question.</exception>
    public Question FindQuestion(uint id)
        => _questions.TryGet(id, out Question? question)
            ? question
            : throw new IpcProtocolException($"Return: Expected a call of this side, got number {id:N0}.");

    public void ForgetQuestion(Question question)
    {
        question.IsReturned = true;
        _questions.Remove(question.Id);
    }

    /// <summary>
    /// Returns a new reference to a capability in the results of a call of the peer; a broken one if there is none.
    /// </summary>
    public Capability FindPromised(uint questionId, ReadOnlySpan<ushort> path)
        => Calls.Find(questionId)?.Answer.Pipeline(path) ?? new BrokenCapability(new CapnpException(
            CapnpExceptionType.Failed,
            $"Capability: Expected one in the results of a call, got number {questionId:N0}."));

    /// <summary>
    /// Ends the connection: waiting calls fail, and references of the peer are released. May be called again.
    /// </summary>
    public void End(Exception reason)
    {
        if (_end is not null)
        {
            return;
        }

        _end = reason;
        Calls.Clear();
        foreach (Question question in _questions.TakeAll())
        {
            question.Answer.Fail(reason);
        }

        foreach (PromiseCapability promise in _embargoes.TakeAll())
        {
            promise.EndEmbargo(reason);
        }

        Imports.Clear(reason);
        Exports.Clear();
        Root?.Release();
        _session?.End();
        _pump.Complete();
    }

    private Question Ask(Answer answer)
    {
        Question question = answer.Ask(this);
        question.Id = _questions.Add(question);
        return question;
    }

    // No thread waits for the answer in the socket.
    private void ReadSoonFor(Answer answer)
    {
        if (answer.Waiter is null)
        {
            Role?.ReadSoon();
        }
    }
}
