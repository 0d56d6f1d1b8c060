using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Multiprocess.Calls;
using Multiprocess.Incoming;
using Multiprocess.Introspection;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Metrics;
using Multiprocess.Outgoing;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Threads;
using Multiprocess.Versions;

namespace Multiprocess.Generated;

// How a call finds its logical thread, is sent, waits for the answer and reads it.
public ref partial struct OutgoingCall
{
    /// <summary>
    /// Chooses the logical thread of a call. Inside a call of the peer it is the thread of that call, so that a call
    /// back reaches the thread that waits. Otherwise it is the calling thread's own logical thread, or a new one if
    /// there is none or the last one was retired.
    /// </summary>
    private static LogicalThread ChooseThread(ThreadBinding binding, CallChannel channel, out long parent)
    {
        if (binding.Running is { IsOneWay: false, Thread: { IsRetired: false, HasAbandoned: false } thread } running)
        {
            parent = running.Request;
            return thread;
        }

        parent = 0;
        LogicalThread? waiting = null;
        LogicalThread? own = binding.Own;
        while (own is { IsRetired: false, OpenRequests: > 0 })
        {
            waiting = own;
            own = own.Aside;
        }

        if (own is not { IsRetired: false })
        {
            own = channel.ClientThreads.Begin(binding.Stack);
            if (waiting is null)
            {
                binding.Own = own;
            }
            else
            {
                waiting.Aside = own;
            }
        }

        return own;
    }

    /// <summary>
    /// Watches the token and the time limit. When one fires, it tells the peer and wakes the caller if it waits for
    /// this call.
    /// </summary>
    private static CallInterrupt Watch(
        CallChannel channel,
        LogicalThread thread,
        long request,
        CancellationToken cancellationToken,
        int timeoutMilliseconds)
        => new(cancellationToken, timeoutMilliseconds, channel.Options.TimeProvider, () =>
        {
            try
            {
                channel.Control.SendCancel(thread.Id, request);
            }
            finally
            {
                channel.Pump.Nudge(thread);
            }
        });

    private void HandOver(PendingCall pending)
    {
        pending.Begin(_channel.Settings.Timestamp(), _binding.Stack.Innermost);
        if (_cancellationToken.IsCancellationRequested)
        {
            pending.Fail(new OperationCanceledException(_cancellationToken));
            return;
        }

        if (!_channel.Pending.TryAdd(pending))
        {
            pending.Fail(_channel.Disconnected());
            return;
        }

        try
        {
            HandOver(mayWait: false);
        }
        catch (IpcException exception)
        {
            _channel.Pending.Remove(pending);
            pending.Fail(exception);
            return;
        }

        pending.Watch(_cancellationToken, _timeoutMilliseconds);
    }

    private void HandOver(bool mayWait)
    {
        bool isTraced = DiagnosticsAssembly.IsLoaded && Activity.Current is { } activity && TryWriteTrace(activity);
        ReadOnlySpan<byte> tail = FlushArguments();
        if (!_isAsynchronous && (_thread.IsRetired || _thread.HasAbandoned))
        {
            ChangeThread();
        }

        Span<byte> frame = _buffer.Output.Written[_frameStart..];
        if (isTraced)
        {
            CallMessage.MarkTraced(frame);
        }

        MessageFormat.End(frame, tail.Length);
        if (_buffer.Writing.BringsHome)
        {
            MessageFormat.MarkBringsHome(frame);
        }

        if (_channel.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
        {
            IpcLog.CallSent(_channel.Logger, _request, MethodName, _thread.Id, _isNested);
            MessageTap.Note(
                _channel.Logger, MessageTap.CallSent, _request, _proxy.Reference.Contract, _methodId, frame, tail);
            if (!_buffer.Writing.IsSensitive)
            {
                IpcLog.Payload(_channel.Logger, "sent", _request, frame);
            }
        }

        if (mayWait)
        {
            // Registered before sending: a call back may arrive before the send returns.
            _thread.Open(_request);
            _binding.Stack.Push(
                _channel.Identity, _request, _proxy.Reference.Contract, _methodId, isOutgoing: true, _startedTimestamp);
        }

        if (_buffer.Writing.IsSensitive)
        {
            _channel.Sender.MarkSensitive();
        }

        // A getter that made a call while this one was encoded has announced the thread already.
        int sentFrom = _thread.IsAnnounced ? _frameStart : 0;
        Action<long>? place = _buffer.Writing.DescriptorCount == 0
            ? null
            : _buffer.Writing.Announce(_frameStart, sentFrom);
        _channel.Sender.Send(_buffer.Output.WrittenSpan[sentFrom..], tail, mayWait, place);
        _thread.IsAnnounced |= !_isAsynchronous;
        _buffer.Writing.Commit();
    }

    /// <summary>Writes the name of a thread that the peer does not know yet, in a message before the call.</summary>
    private void Announce()
    {
        if (_thread.Id > 0 && Thread.CurrentThread.Name is { Length: > 0 } name)
        {
            ThreadStartedMessage.Write(ref _writer, _thread.Id, ThreadStartedMessage.Cut(name));
            _writer.Flush();
            MessageFormat.End(_buffer.Output.Written);
            _frameStart = _buffer.Output.WrittenCount;
        }
    }

    /// <summary>
    /// Moves the call, with its encoded arguments, to another logical thread. A getter that ran during the encoding
    /// abandoned a call on the first thread, where no new call may begin.
    /// </summary>
    private void ChangeThread()
    {
        byte[] message = _buffer.Output.Written[(_frameStart + MessageFormat.LengthPrefix)..].ToArray();
        var reader = new MessagePackReader(message);
        CallMessage.ReadBack(ref reader, out MessageFlags flags, out long request, out long target, out uint method);
        _thread = ChooseThread(_binding, _channel, out long parent);
        _isNested = parent != 0;
        _frameStart = 0;
        _buffer.Output.Truncate(0);
        _writer = new MessagePackWriter(_buffer.Output);
        if (!_thread.IsAnnounced)
        {
            Announce();
        }

        CallMessage.Write(ref _writer, flags, _thread.Id, request, parent, target, method);
        _writer.WriteWhole(message.AsSpan((int)reader.Consumed));
        _writer.Flush();
        if (_buffer.Writing.IsSensitive)
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }

    private bool TryWriteTrace(Activity activity)
    {
        _inPlace.Settle(ref _writer);
        return CallTrace.TryWrite(ref _writer, activity);
    }

    private ReadOnlySpan<byte> FlushArguments()
    {
        try
        {
            return _inPlace.Take(ref _writer);
        }
        catch (IpcException exception)
        {
            throw new IpcException(
                exception.Kind, $"The arguments of {MethodName} could not be encoded. {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Reads the next result: the return value first, then <c>ref</c> and <c>out</c> parameters in order.
    /// </summary>
    /// <exception cref="IpcException">
    /// The result is malformed, or not acceptable here. The remote side ran the call.
    /// </exception>
    public T Read<T, TCodec>()
        where TCodec : struct, IIpcCodec<T>
    {
        try
        {
            if (--_unreadResults < 0)
            {
                throw new IpcProtocolException("Expected another result, got none.") { At = (int)_reader.Consumed };
            }

            return TCodec.Read(ref _reader, _buffer.Reading);
        }
        catch (Exception exception)
        {
            throw NotRead(exception);
        }
    }

    /// <summary>Ends the connection if unexpected data follows the results.</summary>
    private readonly void CheckEnd()
    {
        if (_answer!.Type != MessageType.Return || _unreadResults != 0)
        {
            return;
        }

        MessagePackReader rest = _reader;
        try
        {
            _answer.CheckEnd(ref rest);
        }
        catch (IpcProtocolException exception)
        {
            _channel.Fail(exception);
        }
    }

    private readonly Message WaitForAnswer(CallInterrupt? interrupt)
    {
        while (true)
        {
            Message message = _thread.TakeEarly(_request)
                ?? _channel.Pump.WaitForAnswer(_thread, _request, interrupt)
                ?? throw Unanswered(interrupt);
            if (message.Type == MessageType.Call)
            {
                if (message.Parent != _request)
                {
                    throw Broken(
                        $"The peer called on thread {message.Thread} inside request {message.Parent}, while {_request} waits.");
                }

                IncomingCalls.Run(_channel, (ReceivedMessage)message, _thread, _binding);
            }
            else if (message.Request == _request)
            {
                return message;
            }
            else if (!_thread.TryKeepEarly(message))
            {
                throw Broken(
                    $"The peer answered request {message.Request} on thread {message.Thread}, while {_request} waits.");
            }
        }
    }

    private readonly Exception Unanswered(CallInterrupt? interrupt)
        => _channel.IsClosed && interrupt is not { HasFired: true } ? _channel.Disconnected()
            : interrupt!.HasTimedOut
                ? new IpcTimeoutException($"{MethodName} was not answered within {_timeoutMilliseconds:N0} ms.")
                : new OperationCanceledException(_cancellationToken);

    private readonly IpcProtocolException Broken(string what)
    {
        var exception = new IpcProtocolException(what);
        _channel.Fail(exception);
        return exception;
    }

    /// <summary>Rethrows the caller's own cancellation with its token; names a missing method.</summary>
    private readonly Exception Rethrow(Exception remote)
        => remote is OperationCanceledException && _cancellationToken.IsCancellationRequested
            ? new OperationCanceledException(remote.Message, remote, _cancellationToken)
            : VersionErrors.Explain(remote, _proxy.Reference.Contract, _methodId);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Exception NotRead(Exception exception)
    {
        // The bytes after the failed value were not checked: they may be the rest of that value.
        _unreadResults = -1;
        _buffer.Reading.DisposeOpened();
        Exception refusal = UnreadValue.Explain(
            _proxy.Reference.Contract, _methodId, _answer!.Body, (int)_reader.Consumed, exception, isResult: true);
        if (refusal is IpcProtocolException)
        {
            _channel.Fail(refusal);
        }

        return refusal;
    }
}
