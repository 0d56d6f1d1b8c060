using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Multiprocess.Calls;
using Multiprocess.Faults;
using Multiprocess.Incoming;
using Multiprocess.Introspection;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Versions;

namespace Multiprocess.Generated;

/// <summary>One incoming call, as its stub runs it: read the arguments, call the method, write the results.</summary>
/// <remarks>Lives on the stack of the thread that runs the call.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct IncomingCall
{
    private readonly AcceptedCall _call;
    private readonly CallBuffer _buffer;
    private readonly bool _mayWait;
    private Message? _message;
    private bool _methodReadsMessage;
    private bool _readsAll;
    private MessagePackReader _reader;
    private MessagePackWriter _writer;
    private InPlaceBytes _inPlace;
    private Phase _phase;
    private int _unreadArguments;
    private Activity? _activity;
    private bool _isTraced;

    internal IncomingCall(AcceptedCall call, CallBuffer buffer, Message message)
    {
        _call = call;
        _buffer = buffer;
        _message = message;
        _mayWait = call.Thread is not null;
    }

    /// <summary>The stage of the call; decides which side caused an exception.</summary>
    private enum Phase
    {
        Arguments,
        Method,
        Results,
        AnsweredLater,
        Answered,
    }

    /// <summary>The wire id of the method that is called.</summary>
    public readonly uint MethodId => _call.MethodId;

    /// <summary>Cancelled when the caller cancels, its time limit passes, or the connection ends.</summary>
    public readonly CancellationToken CancellationToken
        => _call.Cancellation?.Token ?? _call.Channel.PeerCalls.Stopping;

    /// <summary>Refuses the call when the peer's signature of the method does not match the one here.</summary>
    /// <exception cref="IpcException">
    /// One side would misread the data of the other. The method does not run.
    /// </exception>
    public readonly void CheckShape() => _call.Channel.Versions.Peer.Check(_call.Export.Contract, _call.MethodId);

    /// <summary>Reads the next argument.</summary>
    /// <exception cref="IpcException">
    /// The argument is malformed, or not acceptable here. The method does not run.
    /// </exception>
    public T Read<T, TCodec>()
        where TCodec : struct, IIpcCodec<T>
    {
        NextArgument();

        return TCodec.Read(ref _reader, _buffer.Reading);
    }

    /// <summary>
    /// Reads the next argument, bytes, without a copy. The bytes stay in the received message until the method has
    /// returned.
    /// </summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        NextArgument();

        _methodReadsMessage = true;
        return _reader.ReadStrictBinary();
    }

    /// <summary>Reads the next argument, an exception or null.</summary>
    internal Exception? ReadFault()
    {
        NextArgument();

        return _reader.TryReadStrictNil() ? null : FaultFormat.Read(ref _reader, _buffer.Reading);
    }

    /// <summary>Marks the call as holding a sensitive value: the message's buffer is wiped.</summary>
    public readonly void MarkSensitive() => _buffer.Reading.MarkSensitive();

    /// <summary>Reads the sender of an event: this side's proxy of the event's source, or null.</summary>
    public object? ReadSource()
    {
        NextArgument();

        return _buffer.Reading.ReadSource(ref _reader);
    }

    /// <summary>
    /// Notes that a received handler is added to an event of the called object, and returns the handler to add.
    /// </summary>
    /// <param name="handler">The handler.</param>
    /// <param name="isOneWay">True when the event does not wait for the handler.</param>
    public readonly T Handler<T>(T handler, bool isOneWay)
        where T : Delegate
    {
        if (ProxyOf(handler) is not { } proxy)
        {
            return handler;
        }

        proxy.AddSource(_call.Export);
        return isOneWay ? (T)proxy.OneWayTwin().Face : handler;
    }

    /// <summary>
    /// Notes that <see cref="Handler{T}"/> was added, so that it is removed from the event when the connection ends.
    /// </summary>
    /// <param name="name">The event's name.</param>
    /// <param name="source">The object that has the event.</param>
    /// <param name="handler">The received handler.</param>
    /// <param name="isOneWay">The value with which the handler was added.</param>
    /// <param name="remove">Removes a handler from the event.</param>
    public readonly void HandlerAdded<TSource, T>(
        string name,
        TSource source,
        T handler,
        bool isOneWay,
        Action<TSource, T> remove)
        where TSource : class
        where T : Delegate
    {
        if (ProxyOf(handler) is not null)
        {
            T added = Handler(handler, isOneWay);
            _call.Channel.Objects.Subscriptions.Added(source, name, handler, () => remove(source, added));
        }
    }

    /// <summary>Notes that the side that added a handler removed it.</summary>
    public readonly void HandlerRemoved(string name, object source, Delegate handler)
    {
        if (ProxyOf(handler) is not null)
        {
            _call.Channel.Objects.Subscriptions.Removed(source, name, handler);
        }
    }

    /// <summary>Marks all arguments as read: the method runs next.</summary>
    public void EndArguments()
    {
        if (_unreadArguments != 0)
        {
            throw new IpcProtocolException(
                $"Expected no more arguments, got {_unreadArguments}.") { At = (int)_reader.Consumed };
        }

        if (!_reader.End || _message!.ElementsBehindBody > 0)
        {
            CheckEnd();
        }

        _readsAll = true;

        if (!_methodReadsMessage)
        {
            GiveMessageBack();
        }

        _phase = Phase.Method;
    }

    /// <summary>Checks that only data that a later version may append follows the arguments.</summary>
    private readonly void CheckEnd()
    {
        MessagePackReader rest = _reader;
        _message!.CheckEnd(ref rest);
    }

    /// <summary>Begins the answer of a synchronous method that returned.</summary>
    /// <param name="count">
    /// Number of results that follow: the return value, then <c>ref</c> and <c>out</c> parameters in order.
    /// </param>
    public void BeginResults(int count)
    {
        if (_mayWait)
        {
            // Many calls may have begun before the peer stopped receiving.
            _call.Channel.Sender.AwaitRoom();
        }

        _phase = Phase.Results;
        _call.BeginReturn(_buffer, ref _writer, count);
    }

    /// <summary>Writes the next result.</summary>
    /// <exception cref="IpcException">The result cannot be encoded; the caller gets an error.</exception>
    public void Write<T, TCodec>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where TCodec : struct, IIpcCodec<T>
    {
        try
        {
            if (typeof(TCodec) == typeof(ByteArrayCodec))
            {
                ArgumentNullException.ThrowIfNull(value);
                _inPlace.Write(ref _writer, _buffer.Output, (byte[])(object)value);
            }
            else
            {
                _inPlace.Settle(ref _writer);
                TCodec.Write(ref _writer, value, _buffer.Writing);
            }
        }
        catch (Exception exception)
        {
            throw AnswerLater.NotEncoded(
                _call, exception, name == "ipcResult" ? "The result" : $"Parameter '{name}'", typeof(T));
        }
    }

    /// <summary>Answers when <paramref name="task"/> completes.</summary>
    public void Answer(Task task)
    {
        _phase = Phase.AnsweredLater;
        KeepForAfterAnswer();
        AnswerLater.Run(_call, _buffer, task);
    }

    /// <summary>Answers with the task's result when it completes.</summary>
    public void Answer<T, TCodec>(Task<T> task)
        where TCodec : struct, IIpcCodec<T>
    {
        _phase = Phase.AnsweredLater;
        KeepForAfterAnswer();
        AnswerLater.Run<T, TCodec>(_call, _buffer, task);
    }

    /// <summary>Answers when <paramref name="task"/> completes.</summary>
    public void Answer(ValueTask task) => Answer(task.AsTask());

    /// <summary>Answers with the task's result when it completes.</summary>
    public void Answer<T, TCodec>(ValueTask<T> task)
        where TCodec : struct, IIpcCodec<T>
        => Answer<T, TCodec>(task.AsTask());

    /// <summary>Answers that the contract has no such method.</summary>
    public void MethodMissing()
        => throw new MissingMethod(
            _call.Export.Contract.Name, _call.MethodId, VersionErrors.SignaturesOf(_call.Export.Contract));

    /// <summary>Runs the call from its arguments to its answer. Never throws.</summary>
    internal void Run()
    {
        CallChannel channel = _call.Channel;
        _buffer.IsCounted = true;
        Exception? thrown = null;
        _isTraced = (_message!.Flags & MessageFlags.Traced) != 0;
        Activity? outer = _isTraced ? Activity.Current : null;
        if (channel.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
        {
            IpcLog.Executing(channel.Logger, _call.Request, _call.MethodName, _call.AnswerThread);
            MessageTap.Note(
                channel.Logger,
                MessageTap.CallReceived,
                _call.Request,
                _call.Export.Contract,
                _call.MethodId,
                _message);
        }

        try
        {
            CheckNesting(channel);

            if (_isTraced)
            {
                _activity = CallTrace.Begin(
                    _message, _call.Export.Contract.Name, _call.Export.Contract.GetMethodName(_call.MethodId));
            }

            _buffer.Reading.Begin(_message);
            Construct.Reader(ref _reader, _message.Body);
            _unreadArguments = _reader.ReadStrictArrayHeader();

            // Marked before the method runs: the connection may be lost meanwhile.
            if (_call.Disposes)
            {
                MarkDisposed(channel);
            }

            _call.Export.Contract.Dispatch(_call.Export.Target, ref this);
            if (_phase == Phase.Method && !_call.IsOneWay)
            {
                // The method has no result, but the caller waits to learn whether the method exists.
                BeginResults(0);
            }

            if (_phase == Phase.Results && _call.IsOneWay)
            {
                // The method has a result, but the caller chose not to wait for it.
                _buffer.Writing.Rollback();
                _phase = Phase.Answered;
            }
            else if (_phase == Phase.Results)
            {
                _call.SendReturn(_buffer, FlushResults(), _mayWait);
                _phase = Phase.Answered;
            }

            Debug.Assert(
                _call.IsOneWay || _phase is Phase.Answered or Phase.AnsweredLater,
                "A stub returned without an answer.");
        }
        catch (Exception exception)
        {
            thrown = exception;
            Answer(exception);
        }
        finally
        {
            GiveMessageBack();
            if (_phase != Phase.AnsweredLater)
            {
                _call.End(_buffer);
            }

            // A call that is answered later is counted and finished by AnswerLater.
            _buffer.IsCounted = false;
            if (_phase != Phase.AnsweredLater)
            {
                KeepForAfterAnswer();
                _call.AfterAnswer(thrown);
            }

            if (_isTraced)
            {
                Activity.Current = outer;
            }
        }
    }

    /// <summary>Notes that the peer disposes the object, so that its owner does not dispose it again.</summary>
    private readonly void MarkDisposed(CallChannel channel)
    {
        // A method that the contract lacks is answered as missing and disposes nothing.
        if (_call.Export.Contract.GetMethodName(_call.MethodId) is not { } name)
        {
            return;
        }

        if (!name.EndsWith(nameof(IDisposable.Dispose), StringComparison.Ordinal)
            && !name.EndsWith(nameof(IAsyncDisposable.DisposeAsync), StringComparison.Ordinal))
        {
            throw new IpcProtocolException($"The peer says that {_call.MethodName} disposes its object; it does not.");
        }

        if (!channel.Objects.Exports.MarkDisposed(_call.Export))
        {
            throw new IpcDisconnectedException("The connection has ended, and the object was disposed with it.");
        }
    }

    /// <summary>
    /// The error kind for a call refused before its method ran. Kinds other than these would not describe the
    /// arguments.
    /// </summary>
    private static IpcErrorKind RefusalKind(Exception exception)
        => exception is IpcException
        {
            Kind: IpcErrorKind.Disconnected
                or IpcErrorKind.LimitExceeded
                or IpcErrorKind.MethodMissing
                or IpcErrorKind.VersionMismatch,
        } known
            ? known.Kind
            : IpcErrorKind.ArgumentNotDecoded;

    /// <summary>Refuses calls that nest too deep: a stack overflow would end the process.</summary>
    private readonly void CheckNesting(CallChannel channel)
    {
        if (_call.Depth > channel.Limits.MaxNesting)
        {
            throw new IpcException(
                IpcErrorKind.LimitExceeded,
                $"Calls are nested too deep to run {_call.MethodName}: {channel.Limits.MaxNesting:N0} levels are the limit.");
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new IpcException(
                IpcErrorKind.LimitExceeded,
                $"Calls are nested too deep to run {_call.MethodName}: the stack of its thread is used up after {_call.Depth:N0} levels.");
        }
    }

    /// <summary>
    /// The proxy of a handler that lives on the caller's side; null for a handler of this side that came home.
    /// </summary>
    private readonly IpcProxy? ProxyOf(Delegate handler)
        => IpcProxy.Behind(handler) is { } proxy && proxy.Reference.Channel == _call.Channel ? proxy : null;

    private ReadOnlySpan<byte> FlushResults()
    {
        try
        {
            return _inPlace.Take(ref _writer);
        }
        catch (Exception exception)
        {
            throw AnswerLater.NotEncoded(_call, exception, "The answer", type: null);
        }
    }

    private void Answer(Exception exception)
    {
        switch (_phase)
        {
            case Phase.Arguments:
                RefuseArguments(exception);
                break;
            case Phase.Method:
                _call.SendError(_buffer, exception, IpcErrorKind.Remote, _mayWait);
                break;
            case Phase.Results:
                (IpcErrorKind kind, Exception refusal) = AnswerLater.Refusal(exception);
                _call.SendError(_buffer, refusal, kind, _mayWait);
                break;
        }

        if (_phase != Phase.AnsweredLater)
        {
            _phase = Phase.Answered;
        }
    }

    private void NextArgument()
    {
        if (--_unreadArguments < 0)
        {
            throw new IpcProtocolException("Expected another argument, got none.") { At = (int)_reader.Consumed };
        }
    }

    private readonly void RefuseArguments(Exception exception)
    {
        int consumed = (int)_reader.Consumed;
        ReadOnlyMemory<byte> body = _message!.Body;
        _buffer.Reading.DisposeOpened();
        Exception refusal =
            UnreadValue.Explain(_call.Export.Contract, _call.MethodId, body, consumed, exception, isResult: false);
        if (refusal is IpcProtocolException)
        {
            _buffer.Writing.Rollback();
            _call.Channel.Fail(refusal);
        }
        else
        {
            // A refused argument affects nothing else; references in the unread rest are released.
            _call.Channel.Objects.Releases.ReleaseUnread(body[consumed..]);
            _call.SendError(_buffer, refusal, RefusalKind(refusal), _mayWait);
        }
    }

    private void KeepForAfterAnswer()
    {
        _call.EndAfterAnswer(_activity, _buffer.Reading.TakeBorrowed());
        _activity = null;
    }

    private void GiveMessageBack()
    {
        if (_message is not null)
        {
            bool wasRead = _phase != Phase.Arguments || _readsAll;
            _message.IsSensitive = !wasRead || _buffer.Reading.IsSensitive;
            _call.Channel.Finish(_message);
            _message = null;
            _reader = default;
        }
    }
}
