using Multiprocess.Calls;
using Multiprocess.Faults;
using Multiprocess.Introspection;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>An accepted call of the peer. It is answered exactly once, or never when it is one-way.</summary>
/// <remarks>
/// Answered on the thread that ran the call, or, if the method returned a task, on the thread that completed it.
/// </remarks>
internal readonly struct AcceptedCall
{
    // The thread whose stack the call belongs to until it is answered; null when there is none.
    private readonly LogicalThread? _stack;

    public AcceptedCall(CallChannel channel, Message message)
    {
        Channel = channel;
        Request = message.Request;
        MethodId = message.Method;
        Export = (Export)message.CalledObject!;
        Disposes = (message.Flags & MessageFlags.Disposes) != 0;
        IsOneWay = (message.Flags & MessageFlags.OneWay) != 0;
        AnswerThread = (message.Flags & MessageFlags.Asynchronous) != 0 ? 0 : message.Thread;
        Cancellation = message.Cancellation;
        _stack = (LogicalThread?)message.AnswersOn;
    }

    public CallChannel Channel { get; }

    public long Request { get; }

    public uint MethodId { get; }

    public Export Export { get; }

    public bool IsOneWay { get; }

    public bool Disposes { get; }

    /// <summary>The thread number that the answer carries; 0 for an asynchronous call.</summary>
    public long AnswerThread { get; }

    public CancellationTokenSource? Cancellation { get; }

    public string MethodName
        => $"{Export.Contract.Name}.{Export.Contract.GetMethodName(MethodId) ?? $"0x{MethodId:x8}"}";

    /// <summary>Begins a Return in <paramref name="buffer"/>. The caller writes the results after it.</summary>
    public void BeginReturn(CallBuffer buffer, out MessagePackWriter writer, int count)
    {
        buffer.Output.Clear();
        buffer.Writing.Begin(asResult: true);
        writer = new MessagePackWriter(buffer.Output);
        ReturnMessage.Write(ref writer, AnswerThread, Request);
        writer.WriteArrayHeader(count);
    }

    /// <summary>Sends the Return that <paramref name="buffer"/> holds.</summary>
    /// <param name="buffer">The buffer that holds the Return.</param>
    /// <param name="tail">Bytes that follow the buffer.</param>
    /// <param name="mayWait">True on a worker, which may wait for room to send.</param>
    public void SendReturn(CallBuffer buffer, ReadOnlySpan<byte> tail, bool mayWait)
    {
        if (Cancellation is not null && buffer.Writing.HandedOut.Count > 0)
        {
            // Registered before sending: the peer may release the objects before the send returns. The router comes
            // first, because it is told of each object's end.
            Channel.PeerCalls.Cancellable.Keep(Request, buffer.Writing.HandedOut.Distinct().Count());
            Channel.Objects.Exports.Attach(buffer.Writing.HandedOut, Request);
        }

        Send(buffer, tail, mayWait);
        if (Channel.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
        {
            IpcLog.Returned(Channel.Logger, Request, MethodName);
        }
    }

    /// <summary>Answers with the exception of the method, or logs it when there is no answer.</summary>
    public void SendError(CallBuffer buffer, Exception exception, IpcErrorKind kind, bool mayWait)
    {
        buffer.Writing.Rollback();
        if (kind == IpcErrorKind.Remote
            && exception is OperationCanceledException
            && Channel.PeerCalls.Stopping.IsCancellationRequested)
        {
            // The method stopped because this side shuts down. A caller that cancelled does not wait for this answer,
            // so a caller that gets it did not cancel.
            kind = IpcErrorKind.Disconnected;
            exception = new IpcDisconnectedException(
                $"{MethodName} was cancelled, because the peer is shutting down. It may have run in part.", exception);
        }

        if (IsOneWay)
        {
            IpcLog.OneWayFailed(Channel.Logger, Request, MethodName, exception);
            return;
        }

        buffer.Output.Clear();
        buffer.Writing.Begin(asResult: true);
        var writer = new MessagePackWriter(buffer.Output);
        ErrorMessage.Write(ref writer, AnswerThread, Request, kind);
        FaultFormat.Write(ref writer, buffer.Output, exception, buffer.Writing, Channel.Settings.FaultDetail);
        writer.Flush();
        Send(buffer, tail: default, mayWait);
        if (Channel.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
        {
            IpcLog.Threw(Channel.Logger, Request, MethodName, exception.GetType().FullName!);
        }
    }

    /// <summary>Ends the call, whatever its outcome.</summary>
    public void End(CallBuffer buffer)
    {
        if (Cancellation is not null)
        {
            Channel.PeerCalls.Cancellable.Forget(Request);
        }

        if (AnswerThread == 0)
        {
            Channel.PeerCalls.Running?.Remove(Request);
        }

        Channel.PeerCalls.InFlight.End(wasAnswered: !buffer.IsCounted);
        buffer.IsCounted = false;
    }

    private void Send(CallBuffer buffer, ReadOnlySpan<byte> tail, bool mayWait)
    {
        Span<byte> frame = buffer.Output.Written;
        MessageFormat.End(frame, tail.Length);
        if (buffer.Writing.BringsHome)
        {
            MessageFormat.MarkBringsHome(frame);
        }

        if (!buffer.Writing.IsSensitive && Channel.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Trace))
        {
            IpcLog.Payload(Channel.Logger, "answered", Request, frame);
            MessageTap.Note(Channel.Logger, MessageTap.AnswerSent, Request, Export.Contract, MethodId, frame, tail);
        }

        if (buffer.IsCounted)
        {
            buffer.IsCounted = false;
            _stack?.NoteAnswered();
            Channel.PeerCalls.InFlight.BeginAnswer();
        }

        if (buffer.Writing.IsSensitive)
        {
            Channel.Sender.MarkSensitive();
        }

        if (mayWait)
        {
            Channel.Sender.Send(frame, tail, mayWait: true);
        }
        else
        {
            Channel.Control.SendOrFail(frame, tail);
        }

        buffer.Writing.Commit();
    }
}
