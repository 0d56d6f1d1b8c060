using Multiprocess.Calls;
using Multiprocess.Connections;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Protocols;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Incoming;

/// <summary>Routes each message of the peer to its thread, pending call or table.</summary>
/// <remarks>
/// Runs on the thread that reads, under the connection's gate. The objects that a call names are looked up here and not
/// later, so that a Release that follows the call cannot overtake it.
/// </remarks>
internal sealed class Router : IMessageRouter
{
    private readonly CallChannel _channel;
    private readonly MemoryMoves? _moves;
    private readonly Action<IpcException> _peerSaidGoodbye;
    private readonly ThreadMap _threads;

    // Guarded by the gate.
    private readonly AsynchronousQueues _asynchronous;
    private readonly UsedNumbers _usedRequests = new();
    private readonly UsedNumbers _usedThreads = new();

    /// <param name="channel">The calls of the connection.</param>
    /// <param name="moves">Moves the connection into shared memory; null when it cannot move.</param>
    /// <param name="peerSaidGoodbye">Called outside the gate with the reason why the peer ended the connection.</param>
    public Router(CallChannel channel, MemoryMoves? moves, Action<IpcException> peerSaidGoodbye)
    {
        _moves = moves;
        _channel = channel;
        _peerSaidGoodbye = peerSaidGoodbye;
        _threads = channel.Threads;
        _asynchronous = new AsynchronousQueues(channel);
    }

    public void Route(Message received, RoutedWork work)
    {
        var message = (ReceivedMessage)received;
        _moves?.NoteReceived(work);
        if (_channel.Descriptors.HasNext)
        {
            TakeDescriptors(message);
        }

        switch (message.Type)
        {
            case MessageType.Call:
                RouteCall(message, work);
                break;
            case MessageType.Return or MessageType.Error:
                RouteAnswer(message, work);
                break;
            case MessageType.Cancel:
                RouteCancel(message, work);
                break;
            case MessageType.Release:
                _channel.Protocol.ReadRelease(message, out long handle, out long count);
                _channel.Objects.Exports.Release(handle, count);
                _channel.Finish(message);
                break;
            case MessageType.ThreadStarted:
                StartThread(message);
                break;
            case MessageType.ThreadEnded:
                EndThread(message, work);
                break;
            case MessageType.Shape:
                TakeShape(message);
                break;
            case MessageType.Memory when _moves is not null:
                _moves.Take(message, work);
                _channel.Finish(message);
                break;
            case MessageType.Descriptors:
                _channel.Descriptors.Announce(_channel.Protocol.ReadDescriptors(message));
                _channel.Finish(message);
                break;
            case MessageType.Goodbye:
                EndLater(_channel.Protocol.ReadGoodbye(message), work);
                break;
            default:
                throw new IpcProtocolException($"Message: Expected one of an open connection, got a {message.Type}.");
        }
    }

    public void ReadingEnded(Exception? reason, bool insideFrame)
        => _channel.Fail(reason switch
        {
            IpcProtocolException => reason,
            null
                => new IpcDisconnectedException(
                    insideFrame
                        ? "The connection was lost in the middle of a message."
                        : "The connection was lost: the peer ended without saying goodbye."),
            _ => new IpcDisconnectedException($"The connection was lost. {reason.Message}", reason),
        });

    private void TakeDescriptors(ReceivedMessage message)
    {
        if (message.Type is not (MessageType.Call or MessageType.Return or MessageType.Error))
        {
            throw new IpcProtocolException(
                $"Expected a Call, Return or Error behind a Descriptors message, got a {message.Type}.");
        }

        message.Descriptors = _channel.Descriptors.TakeNext();
    }

    private static void CheckAsynchronous(ReceivedMessage message)
    {
        if (message.Parent != 0)
        {
            throw new IpcProtocolException(
                $"The peer made the asynchronous request {message.Request} inside request {message.Parent}; it may be inside none.");
        }

        if ((message.Flags & MessageFlags.OneWay) != 0)
        {
            throw new IpcProtocolException($"Request {message.Request}: Expected asynchronous or one-way, got both.");
        }
    }

    private void RouteCall(ReceivedMessage message, RoutedWork work)
    {
        if (!_usedRequests.TryAdd(message.Request))
        {
            throw new IpcProtocolException(
                $"Call: Expected a request number that was not used before, got {message.Request}.");
        }

        message.Called = _channel.Objects.Exports.Get(message.Target);
        PinWhatComesHome(message);
        // Where reading may pause, it pauses after this batch, and no call is lost: a batch is at most one buffer.
        if (_threads.Received.IsFull && !_threads.MayPause && !IsAwaited(message))
        {
            Refuse(
                message,
                work,
                IpcErrorKind.LimitExceeded,
                $"{_threads.Received.Bytes:N0} bytes of calls already wait to be run; the limit is {_threads.Received.Most:N0}, and twice that where the peer must be read all the same.");
            return;
        }

        if (_channel.PeerCalls.InFlight.Count >= _channel.Limits.MaxCallsInFlight)
        {
            Refuse(
                message,
                work,
                IpcErrorKind.LimitExceeded,
                $"{_channel.Limits.MaxCallsInFlight:N0} calls already wait or run, which is the limit.");
            return;
        }

        if (_channel.PeerCalls.InFlight.IsDraining && message.Parent == 0)
        {
            Refuse(message, work, IpcErrorKind.Disconnected, "The peer is shutting down and takes no more calls.");
            return;
        }

        if ((message.Flags & MessageFlags.Asynchronous) != 0)
        {
            CheckAsynchronous(message);
            Accept(message, thread: null);
            _asynchronous.Enqueue(message, work);
        }
        else if (message.Thread > 0)
        {
            RouteNested(message, work);
        }
        else
        {
            RouteToWorker(message, work);
        }
    }

    /// <summary>
    /// True for the one call for which a thread of this side waits: this call runs at once, and other calls may be
    /// waiting for it to end.
    /// </summary>
    private bool IsAwaited(ReceivedMessage message)
        => message.Parent != 0 && (message.Flags & (MessageFlags.Asynchronous | MessageFlags.OneWay)) == 0
            && _threads.Find(message.Thread) is { IsMailboxEmpty: true };

    /// <summary>Routes a call on a thread that this side began to the client thread that waits on it.</summary>
    private void RouteNested(ReceivedMessage message, RoutedWork work)
    {
        LogicalThread thread = _threads.Find(message.Thread)
            ?? throw new IpcProtocolException(
                $"Request {message.Request}: Expected a thread that has not ended, got thread {message.Thread}.");
        if (thread.IsAbandoned(message.Parent))
        {
            RefuseAbandoned(message, work);
            return;
        }

        CheckParent(thread, message);
        Accept(message, thread);
        work.Wake(thread.Post(message));
    }

    private void RouteToWorker(ReceivedMessage message, RoutedWork work)
    {
        if (message.Thread == 0)
        {
            throw new IpcProtocolException($"Synchronous request {message.Request}: Expected a thread, got none.");
        }

        LogicalThread? thread = _threads.Find(message.Thread);
        if (thread is null)
        {
            if (_threads.WorkerCount >= _channel.Limits.MaxThreads)
            {
                Refuse(
                    message,
                    work,
                    IpcErrorKind.LimitExceeded,
                    $"The connection already has {_channel.Limits.MaxThreads:N0} threads, which is the limit.");
                return;
            }

            thread = Adopt(message.Thread);
        }

        if (thread.IsAbandoned(message.Parent))
        {
            RefuseAbandoned(message, work);
            return;
        }

        if (thread.IsEnded)
        {
            throw HasEnded(message.Thread);
        }

        CheckParent(thread, message);
        Accept(message, thread);
        work.Wake(thread.Post(message));
        if (!thread.HasWorker)
        {
            thread.HasWorker = true;
            StartWorkerLater(thread, work);
        }
    }

    /// <summary>Creates the logical thread of a number that the peer uses for the first time.</summary>
    private LogicalThread Adopt(long id)
        => _usedThreads.TryAdd(-id) ? _threads.Adopt(id) : throw HasEnded(id);

    private static IpcProtocolException HasEnded(long id)
        => new($"The peer named its thread {-id}, which it has ended.");

    /// <summary>
    /// Checks that the request named as parent waits on the thread now: a claim of the peer is not enough to put work
    /// on a thread.
    /// </summary>
    private static void CheckParent(LogicalThread thread, Message message)
    {
        if (!thread.Accepts(message.Parent))
        {
            throw OutOfTurn(thread, message);
        }

        if ((message.Flags & MessageFlags.OneWay) == 0 && !thread.IsPeersTurn)
        {
            throw new IpcProtocolException(
                $"Request {message.Request} inside request {message.Parent}: Expected no other open request on thread {message.Thread}, got a second one.");
        }
    }

    private static IpcProtocolException OutOfTurn(LogicalThread thread, Message message)
        => new(
            $"The peer called on thread {message.Thread} inside request {message.Parent}, while {(thread.Innermost == 0 ? "nothing" : $"request {thread.Innermost}")} waits there.");

    private void Accept(ReceivedMessage message, LogicalThread? thread)
    {
        if ((message.Flags & MessageFlags.Cancellable) != 0)
        {
            message.Cancellation = _channel.PeerCalls.Cancellable.Add(message.Request);
        }

        if (thread is not null && (message.Flags & MessageFlags.OneWay) == 0)
        {
            message.AnswersOn = thread;
            thread.NoteAccepted();
        }

        _threads.Received.Add(message);
        _channel.PeerCalls.InFlight.Begin();
    }

    private void RouteAnswer(ReceivedMessage message, RoutedWork work)
    {
        PinWhatComesHome(message);
        _threads.Received.Add(message);
        if (message.Thread == 0)
        {
            CompleteLater(_channel.Pending.Take(message), message, work);
            return;
        }

        LogicalThread thread = _threads.Find(message.Thread)
            ?? throw new IpcProtocolException(
                $"Answer to request {message.Request}: Expected a thread of this side, got thread {message.Thread}.");
        if (!thread.IsAbandoned(message.Request))
        {
            if (!thread.TryNoteAnswer(message.Request))
            {
                throw new IpcProtocolException(
                    $"The peer answered request {message.Request} on thread {message.Thread}, where {(thread.Innermost == 0 ? "nothing" : $"request {thread.Innermost}")} waits, or answered it twice.");
            }

            work.Wake(thread.Post(message));
            return;
        }

        // A late answer to an abandoned call: nobody waits for it. The references in it are released.
        thread.Answered(message.Request);
        if (thread is { IsEnded: true, HasAbandoned: false })
        {
            _threads.Remove(thread);
        }

        DropLater(message, work);
    }

    // Each closure has its own method: in a method of the hot path it would be allocated on every call.
    private static void CompleteLater(PendingCall call, Message answer, RoutedWork work)
        => work.Then(() => call.Complete(answer));

    private void EndLater(IpcException reason, RoutedWork work) => work.Then(() => _peerSaidGoodbye(reason));

    private void DropLater(ReceivedMessage message, RoutedWork work) => work.Then(() => Drop(message));

    private void StartWorkerLater(LogicalThread thread, RoutedWork work) => work.Then(() => StartWorker(thread));

    private void CancelLater(CancellationTokenSource source, RoutedWork work)
        => work.Then(() => _channel.PeerCalls.Cancel(source));

    private void RouteCancel(ReceivedMessage message, RoutedWork work)
    {
        _channel.Protocol.ReadCancel(message);

        // An unknown number belongs to a call that was answered meanwhile.
        if (_channel.PeerCalls.Cancellable.Find(message.Request) is { } source)
        {
            CancelLater(source, work);
        }

        _channel.Finish(message);
    }

    private void StartThread(ReceivedMessage message)
    {
        string name = _channel.Protocol.ReadThreadStarted(message);
        LogicalThread? known = _threads.Find(message.Thread);
        if (known is { IsEnded: true })
        {
            throw HasEnded(message.Thread);
        }

        if (message.Thread >= 0 || known is not null)
        {
            throw new IpcProtocolException(
                $"ThreadStarted: Expected a new thread of the peer, got thread {-message.Thread}.");
        }

        if (_threads.WorkerCount < _channel.Limits.MaxThreads)
        {
            Adopt(message.Thread).Name = name;
        }

        _channel.Finish(message);
    }

    /// <summary>
    /// Only stores the shape, in its order among the calls. The first call of the method compares it.
    /// </summary>
    private void TakeShape(ReceivedMessage message)
    {
        _channel.Protocol.ReadShape(message, out string contract, out uint method, out string shape);
        _channel.Versions.Peer.Add(contract, method, shape);
        _channel.Finish(message);
    }

    private void EndThread(ReceivedMessage message, RoutedWork work)
    {
        _channel.Protocol.ReadThreadEnded(message);
        if (message.Thread >= 0)
        {
            throw new IpcProtocolException(
                $"ThreadEnded: Expected a thread of the peer, got thread {-message.Thread}.");
        }

        if (_threads.Find(message.Thread) is { } thread)
        {
            thread.IsEnded = true;
            if (thread.HasWorker)
            {
                work.Wake(thread.Waiter);
                thread.Waiter = null;
            }
            else
            {
                _threads.Remove(thread);
            }
        }

        _channel.Finish(message);
    }

    private void StartWorker(LogicalThread thread)
    {
        try
        {
            BackgroundThread.StartForPeer(
                () => IncomingCalls.Work(_channel, thread),
                thread.Name ?? $"ipc worker {-thread.Id}",
                _channel.Options.WorkerStackBytes);
        }
        catch (OutOfMemoryException)
        {
            RefuseAll(thread);
        }
    }

    /// <summary>
    /// Refuses the queued calls when the system gives no thread. The connection and its other threads continue, and the
    /// next call tries again.
    /// </summary>
    private void RefuseAll(LogicalThread thread)
    {
        var work = new RoutedWork();
        using (Uninterruptible.Enter(_threads.Gate))
        {
            thread.HasWorker = false;
            while (thread.Take() is { } taken)
            {
                var message = (ReceivedMessage)taken;
                if (message.Cancellation is not null)
                {
                    _channel.PeerCalls.Cancellable.Forget(message.Request);
                }

                _channel.PeerCalls.InFlight.End(wasAnswered: false);
                Refuse(message, work, IpcErrorKind.LimitExceeded, "The system provides no thread for the call.");
            }

            _threads.Remove(thread);
        }

        work.Run();
    }

    private void PinWhatComesHome(ReceivedMessage message)
    {
        if ((message.Flags & MessageFlags.BringsHome) != 0)
        {
            PinExports(message, message.PinnedExports = []);
        }
    }

    private void PinExports(ReceivedMessage message, List<Export> pinned)
    {
        _channel.Protocol.ForEachReference(message.Body, handle =>
        {
            if (handle < 0)
            {
                pinned.Add(_channel.Objects.Exports.Pin(-handle));
            }
        });
        if (pinned.Count == 0)
        {
            throw new IpcProtocolException(
                $"{message.Type} for request {message.Request}: Expected objects that come home, got none.");
        }
    }

    private void RefuseAbandoned(ReceivedMessage message, RoutedWork work)
        => Refuse(
            message,
            work,
            IpcErrorKind.Remote,
            "The call in which this callback was made has been abandoned by its caller.",
            cancelled: true);

    private void Refuse(ReceivedMessage message, RoutedWork work, IpcErrorKind kind, string why, bool cancelled = false)
        => work.Then(() =>
        {
            ThreadBinding binding = ThreadBinding.Of(_threads);
            CallBuffer buffer = CallBuffer.Rent(_channel, binding);
            AcceptedCall call = buffer.Call;
            call.Take(message);
            call.SendError(
                buffer,
                cancelled && !call.IsOneWay ? new OperationCanceledException(why) : new IpcException(kind, why),
                kind,
                mayWait: false);
            buffer.Return(binding);
            Drop(message);
        });

    private void Drop(ReceivedMessage message)
    {
        _channel.Threads.Begun(message);
        _channel.Objects.Releases.ReleaseUnread(message.Body);
        _channel.Finish(message);
    }
}
