using System.Diagnostics;
using Multiprocess.Calls;
using Multiprocess.Faults;
using Multiprocess.Generated;
using Multiprocess.Introspection;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Metrics;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>A call of the peer, from the moment a thread takes it until it is answered.</summary>
/// <remarks>
/// The call is answered exactly once, or never when it is one-way: on the thread that ran the call, or, if the method
/// returned a task, on the thread that completed the task. The object belongs to one nesting level of a thread
/// (<see cref="CallBuffer"/>) and is reused; a call that is answered later leaves its level. Touched only by the thread
/// that runs the call, and then by the one that answers it.
/// </remarks>
internal sealed class AcceptedCall(CallChannel channel)
{
    [ThreadStatic]
    private static AcceptedCall? t_innermost;

    private AcceptedCall? _outerOfThread;

    // The thread whose stack the call belongs to until it is answered; null when there is none.
    private LogicalThread? _stack;
    private Export? _export;
    private MessageFlags _flags;
    private Activity? _activity;
    private List<IpcProxy>? _borrowed;
    private IpcCallContext? _context;

    // The context of a call that no longer runs and is not answered yet.
    private IpcCallContext? _contextOfAnswer;

    /// <summary>The innermost call that the calling thread runs, on any connection.</summary>
    public static AcceptedCall? Innermost => t_innermost;

    public CallChannel Channel => channel;

    /// <summary>The peer's request number.</summary>
    public long Request { get; private set; }

    public uint MethodId { get; private set; }

    /// <summary>The called object.</summary>
    public Export Export => _export!;

    /// <summary>
    /// True for a call without an answer: it takes its turn on the worker, but calls made inside it are not part of the
    /// caller's stack.
    /// </summary>
    public bool IsOneWay => (_flags & MessageFlags.OneWay) != 0;

    /// <summary>True when the call is the Dispose of its object.</summary>
    public bool Disposes => (_flags & MessageFlags.Disposes) != 0;

    /// <summary>The thread number that the answer carries; 0 for an asynchronous call.</summary>
    public long AnswerThread { get; private set; }

    /// <summary>Cancelled when the caller cancels. Null for a call that cannot be cancelled.</summary>
    public CancellationTokenSource? Cancellation { get; private set; }

    /// <summary>
    /// When the call began, as a timestamp of the connection's clock; 0 if nothing measures it.
    /// </summary>
    public long StartedTimestamp { get; private set; }

    /// <summary>The logical thread on which the call came; null for a call that runs on the call pool.</summary>
    public LogicalThread? Thread { get; private set; }

    /// <summary>The call in which this one is nested on the same connection.</summary>
    public AcceptedCall? Outer { get; private set; }

    /// <summary>Number of calls of the peer that run on this thread and connection, including this one.</summary>
    public int Depth { get; private set; }

    /// <summary>
    /// The context that the method reads about its caller; created when the method first asks for it.
    /// </summary>
    public IpcCallContext Context => _context ??= channel.ContextFactory(this);

    public string MethodName
        => $"{Export.Contract.Name}.{Export.Contract.GetMethodName(MethodId) ?? $"0x{MethodId:x8}"}";

    /// <summary>Takes over what <paramref name="message"/> says about the call.</summary>
    public void Take(ReceivedMessage message)
    {
        Request = message.Request;
        MethodId = message.Method;
        _export = message.Called;
        _flags = message.Flags;
        AnswerThread = (message.Flags & MessageFlags.Asynchronous) != 0 ? 0 : message.Thread;
        Cancellation = message.Cancellation;
        _stack = message.AnswersOn;
    }

    /// <summary>Called when the calling thread begins to run the call.</summary>
    /// <param name="thread">The logical thread on which it came; null on the call pool.</param>
    /// <param name="outer">The call in which it is nested on the same connection.</param>
    /// <param name="context">The context that flows with an asynchronous call.</param>
    public void BeginRun(LogicalThread? thread, AcceptedCall? outer, IpcCallContext? context = null)
    {
        _context = context;
        Thread = thread;
        Outer = outer;
        Depth = outer is null ? 1 : outer.Depth + 1;
        StartedTimestamp = channel.Settings.Timestamp();
        _outerOfThread = t_innermost;
        t_innermost = this;
    }

    /// <summary>Called when the calling thread no longer runs the call; it may still have to be answered.</summary>
    public void EndRun()
    {
        Debug.Assert(t_innermost == this, "A call ends that is not the innermost one of its thread.");
        t_innermost = _outerOfThread;
        _outerOfThread = null;
        Outer = null;
        Thread = null;
        _contextOfAnswer = _context;
        _context = null;
    }

    /// <summary>Forgets the call, so that the object can be reused.</summary>
    public void Clear()
    {
        _export = null;
        _stack = null;
        Cancellation = null;
        _contextOfAnswer = null;
    }

    /// <summary>Stores the things that must end after the answer.</summary>
    /// <param name="activity">The activity of the call.</param>
    /// <param name="borrowed">The proxies that were lent to the call.</param>
    public void EndAfterAnswer(Activity? activity, List<IpcProxy>? borrowed)
    {
        _activity = activity;
        _borrowed = borrowed;
    }

    /// <summary>Begins a Return in <paramref name="buffer"/>. The caller writes the results after it.</summary>
    public void BeginReturn(CallBuffer buffer, ref MessagePackWriter writer, int count)
    {
        buffer.Output.Clear();
        buffer.Writing.Begin(asResult: true);
        Construct.Writer(ref writer, buffer.Output);
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
            // Registered before sending: the peer may release the objects before the send returns. The router is told
            // first, because it is notified when an object is released.
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
            // The method stopped because this side shuts down. A caller that cancelled does not wait for this answer;
            // so the caller that gets it has not cancelled.
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

    /// <summary>
    /// Measures the call, releases its borrowed references and stops its activity. Call this after the answer was sent,
    /// because the answer may contain borrowed objects.
    /// </summary>
    /// <param name="thrown">The exception with which the call was answered; null when it succeeded.</param>
    public void AfterAnswer(Exception? thrown)
    {
        if (StartedTimestamp != 0 && IpcMeter.MeasuresCalls)
        {
            CallMetrics.Ran(Channel, Export.Contract, MethodId, StartedTimestamp, thrown);
        }

        if ((_context ?? _contextOfAnswer) is { } context)
        {
            _contextOfAnswer = null;
            context.EndAfterAnswer();
        }

        if (_borrowed is { } borrowed)
        {
            _borrowed = null;
            Channel.Objects.Releases.EndBorrowing(borrowed);
        }

        if (_activity is { } activity)
        {
            _activity = null;
            if (thrown is not null)
            {
                CallTrace.Failed(activity, thrown);
            }

            activity.Stop();
        }
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

        Action<long>? place = buffer.Writing.DescriptorCount == 0 ? null : buffer.Writing.Announce(0, 0);
        if (mayWait)
        {
            Channel.Sender.Send(buffer.Output.WrittenSpan, tail, mayWait: true, place);
        }
        else
        {
            Channel.Control.SendOrFail(buffer.Output.WrittenSpan, tail, place);
        }

        buffer.Writing.Commit();
    }
}
