using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>Handles each message of the peer.</summary>
/// <remarks>
/// Messages are handled one after another, under the gate. A message that breaks the protocol throws, which ends the
/// connection. A message that this side does not know is sent back.
/// </remarks>
internal sealed class MessageHandler(RpcConnection connection)
{
    /// <summary>Handles a message, and takes over its memory.</summary>
    /// <exception cref="IpcProtocolException">The message is malformed or breaks the protocol.</exception>
    /// <exception cref="IpcException">A limit is exceeded, or the peer ends the connection.</exception>
    public void Handle(IncomingMessage message)
    {
        bool isKept = false;
        try
        {
            CapnpStructReader envelope = message.Root.ReadStruct();
            CapnpStructReader body = IsKnown(envelope) ? envelope.Pointer(0).ReadStruct() : default;
            switch ((MessageKind)envelope.ReadUInt16(0))
            {
                case MessageKind.Unimplemented:
                    NotUnderstood(body);
                    break;
                case MessageKind.Abort:
                    throw Aborted(envelope.Pointer(0));
                case MessageKind.Bootstrap:
                    connection.Calls.Bootstrap(body.ReadUInt32(0), connection.Root);
                    break;
                case MessageKind.Call:
                    isKept = Call(message, body);
                    break;
                case MessageKind.Return:
                    isKept = Return(message, body);
                    break;
                case MessageKind.Finish:
                    connection.Calls.Finish(body.ReadUInt32(0), body.ReadBool(32, defaultValue: true));
                    break;
                case MessageKind.Resolve:
                    Resolve(body);
                    break;
                case MessageKind.Release:
                    connection.Exports.Release(body.ReadUInt32(0), body.ReadUInt32(1));
                    break;
                case MessageKind.Disembargo:
                    Disembargo(message, body);
                    break;
                default:
                    SendBack(message);
                    break;
            }
        }
        finally
        {
            if (!isKept)
            {
                message.Release();
            }
        }
    }

    // In messages of later versions, any object may be behind the pointer.
    private static bool IsKnown(CapnpStructReader envelope) => (MessageKind)envelope.ReadUInt16(0) is
        <= MessageKind.Release or MessageKind.Bootstrap or MessageKind.Disembargo;

    private static IpcException Aborted(CapnpPointerReader pointer)
    {
        CapnpException exception = Exceptions.Read(pointer);
        return exception.Type == CapnpExceptionType.Disconnected
            ? new IpcDisconnectedException($"The peer has ended the connection: {exception.Message}")
            : new PeerAbortException($"The peer has ended the connection: {exception.Message}");
    }

    private bool Call(IncomingMessage message, CapnpStructReader body)
    {
        var resultsTo = (ResultsTo)body.ReadUInt16(3);
        if (resultsTo is not (ResultsTo.Caller or ResultsTo.Yourself))
        {
            SendBack(message);
            return false;
        }

        Payload parameters = ReadPayload(message, body.Pointer(1), out _);
        Capability target;
        try
        {
            target = ReadTarget(body.Pointer(0));
        }
        catch (IpcException)
        {
            parameters.Dispose();
            throw;
        }

        IncomingCall call = connection.Calls.Begin(
            body.ReadUInt32(0), message.Bytes, resultsTo == ResultsTo.Yourself);
        call.Run.Begin(body.ReadUInt64(1), body.ReadUInt16(2), parameters, connection);
        connection.Calls.Run(call, target);
        return true;
    }

    private bool Return(IncomingMessage message, CapnpStructReader body)
    {
        Question question = connection.FindQuestion(body.ReadUInt32(0));
        if (body.ReadBool(32, defaultValue: true))
        {
            connection.Exports.ReleaseAll(question.Exports);
        }

        if (question.IsFinished)
        {
            // The Finish has released the objects in the results.
            connection.ForgetQuestion(question);
            return false;
        }

        Answer answer = question.Answer;
        bool isKept = false;
        bool needsFinish = !body.ReadBool(33);
        switch ((ReturnKind)body.ReadUInt16(3))
        {
            case ReturnKind.Results:
                Payload results = ReadPayload(message, body.Pointer(0), out bool hasCapabilities);
                isKept = true;
                needsFinish |= hasCapabilities;
                answer.Complete(results);
                break;
            case ReturnKind.Exception:
                answer.Fail(Exceptions.Read(body.Pointer(0)));
                break;
            case ReturnKind.Canceled:
                answer.Fail(new OperationCanceledException("The peer has cancelled the call."));
                break;
            case ReturnKind.TakeFromOtherQuestion:
                TakeFrom(body.ReadUInt32(2), answer);
                break;
            case ReturnKind.ResultsSentElsewhere:
                throw new IpcProtocolException(
                    "Return: Expected results, got that they are elsewhere, which was not asked.");
            default:
                answer.Fail(new CapnpException(
                    CapnpExceptionType.Unimplemented,
                    $"Return: Expected a kind that this side knows, got {body.ReadUInt16(3)}."));
                break;
        }

        // Not earlier: waiting calls on the results begin their embargoes while the peer still knows the question. The
        // number becomes free only after that.
        if (needsFinish)
        {
            connection.SendFinish(question.Id, releaseResults: false);
        }

        connection.ForgetQuestion(question);
        return isKept;
    }

    // The peer called this side to get the results, and those results have already arrived.
    private void TakeFrom(uint callId, Answer answer)
    {
        IncomingCall other = connection.Calls.Find(callId)
            ?? throw new IpcProtocolException(
                $"Return: Expected a call of the sender to take from, got number {callId:N0}.");
        other.Answer.WhenDone(taken =>
        {
            if (taken.Results is { } results)
            {
                answer.Complete(results.Copy());
            }
            else
            {
                answer.Fail(taken.Error!);
            }
        });
    }

    private void Resolve(CapnpStructReader body)
    {
        Capability? resolution = body.ReadUInt16(2) switch
        {
            0 => connection.Imports.Receive(body.Pointer(0).ReadStruct()),
            1 => new BrokenCapability(Exceptions.Read(body.Pointer(0))),
            ushort other
                => throw new IpcProtocolException($"Resolve: Expected a capability or an exception, got kind {other}."),
        };
        connection.Imports.Resolve(
            body.ReadUInt32(0),
            resolution ?? new BrokenCapability(new CapnpException(
                CapnpExceptionType.Failed, "Capability: Expected an object, got null.")));
    }

    private void Disembargo(IncomingMessage message, CapnpStructReader body)
    {
        switch ((DisembargoKind)body.ReadUInt16(2))
        {
            case DisembargoKind.SenderLoopback:
                Capability target = ReadTarget(body.Pointer(0));
                try
                {
                    SendLoopback(target.Current, body.ReadUInt32(0));
                }
                finally
                {
                    target.Release();
                }

                break;
            case DisembargoKind.ReceiverLoopback:
                connection.EndEmbargo(body.ReadUInt32(0));
                break;
            default:
                SendBack(message);
                break;
        }
    }

    // All earlier calls have been passed on, under the gate, so this message goes out after them.
    private void SendLoopback(Capability target, uint id)
    {
        OutgoingMessage loopback = OutgoingMessage.Begin(MessageKind.Disembargo, RpcFormat.Disembargo);
        CapnpStructBuilder written = loopback.Body.Pointer(0).InitStruct(RpcFormat.Target);
        switch (target)
        {
            case ImportedCapability imported when imported.Connection == connection:
                written.WriteUInt32(0, imported.Id);
                break;
            case PromiseCapability { IsOpen: true } promise when promise.Keeper == connection:
                promise.WriteTarget(written);
                break;
            default:
                loopback.Release();
                throw new IpcProtocolException(
                    "Disembargo: Expected a promise that is an object of the sender, got another one.");
        }

        loopback.Body.WriteUInt32(0, id);
        loopback.Body.WriteUInt16(2, (ushort)DisembargoKind.ReceiverLoopback);
        connection.Send(loopback);
    }

    // A peer of level 1 need not support promises: the object of its Resolve is released.
    private void NotUnderstood(CapnpStructReader envelope)
    {
        var kind = (MessageKind)envelope.ReadUInt16(0);
        if (kind != MessageKind.Resolve)
        {
            throw new IpcProtocolException($"Connection: Expected a peer that knows {kind}, got one that does not.");
        }

        CapnpStructReader resolve = envelope.Pointer(0).ReadStruct();
        CapnpStructReader descriptor = resolve.Pointer(0).ReadStruct();
        if (resolve.ReadUInt16(2) == 0
            && (DescriptorKind)descriptor.ReadUInt16(0) is DescriptorKind.SenderHosted or DescriptorKind.SenderPromise)
        {
            connection.Exports.Release(descriptor.ReadUInt32(1), 1);
        }
    }

    private void SendBack(IncomingMessage message)
    {
        OutgoingMessage back = OutgoingMessage.Begin(MessageKind.Unimplemented, default);
        back.Builder.Root.GetOrInitStruct(RpcFormat.Message).Pointer(0).Write(message.Root);
        connection.Send(back);
    }

    private Capability ReadTarget(CapnpPointerReader pointer)
    {
        CapnpStructReader target = pointer.ReadStruct();
        switch (target.ReadUInt16(2))
        {
            case 0:
                Capability exported = connection.Exports[target.ReadUInt32(0)];
                exported.AddReference();
                return exported;
            case 1:
                (uint questionId, ushort[] path) = PromisedAnswers.Read(target.Pointer(0));
                return connection.FindPromised(questionId, path);
            case ushort other:
                throw new IpcProtocolException($"Target: Expected an export or a promised answer, got kind {other}.");
        }
    }

    private Payload ReadPayload(IncomingMessage message, CapnpPointerReader pointer, out bool hasCapabilities)
    {
        CapnpStructReader read = pointer.ReadStruct();
        CapnpListReader table = read.Pointer(1).ReadList(CapnpElementSize.Composite);
        hasCapabilities = table.Count > 0;
        Payload payload = message.Payload;
        payload.Receive(read.Pointer(0));
        try
        {
            for (int i = 0; i < table.Count; i++)
            {
                payload.Add(connection.Imports.Receive(table.Struct(i)));
            }
        }
        catch (IpcException)
        {
            payload.Dispose();
            throw;
        }

        return payload;
    }
}
