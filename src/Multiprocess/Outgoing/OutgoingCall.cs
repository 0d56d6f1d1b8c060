using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Multiprocess.Calls;
using Multiprocess.Faults;
using Multiprocess.Incoming;
using Multiprocess.Introspection;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Outgoing;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Threads;
using Multiprocess.Versions;

namespace Multiprocess.Generated;

/// <summary>One outgoing call, as the proxy makes it: write the arguments, send, read the results.</summary>
/// <remarks>
/// Lives on the stack of the calling thread. <see cref="Dispose"/> releases what was written for a call that was never
/// sent.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref partial struct OutgoingCall
{
    private readonly IpcProxy _proxy;
    private readonly CallChannel _channel;
    private readonly ThreadBinding _binding;
    private readonly CallBuffer _buffer;
    private readonly CancellationToken _cancellationToken;
    private readonly long _request;
    private readonly int _timeoutMilliseconds;
    private readonly uint _methodId;
    private readonly bool _isAsynchronous;
    private readonly bool _isOneWay;
    private readonly bool _usesReference;
    private LogicalThread _thread;
    private bool _isNested;
    private int _frameStart;
    private MessagePackWriter _writer;
    private InPlaceBytes _inPlace;
    private MessagePackReader _reader;
    private Message? _answer;
    private int _unreadResults;

    // When the call was sent; 0 if nothing measures calls.
    private long _startedTimestamp;

    internal OutgoingCall(
        IpcProxy proxy,
        uint methodId,
        int argumentCount,
        MessageFlags flags,
        CancellationToken cancellationToken,
        int timeoutMilliseconds)
    {
        _proxy = proxy;
        _methodId = methodId;
        _cancellationToken = cancellationToken;
        _channel = proxy.Reference.Channel;
        _binding = ThreadBinding.Of(_channel.Threads);
        _timeoutMilliseconds = (flags & MessageFlags.OneWay) != 0
            ? -1
            : _channel.Settings.TimeoutMilliseconds(timeoutMilliseconds);
        _isAsynchronous = (flags & MessageFlags.Asynchronous) != 0;
        if (!_isAsynchronous)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_channel.IsClosed)
            {
                throw _channel.Disconnected();
            }

            if (_channel.Settings.ChecksBlocking && (flags & (MessageFlags.OneWay | MessageFlags.Disposes)) == 0)
            {
                BlockingPolicy.Apply(_channel, MethodName);
            }
        }

        _thread = ChooseThread(_binding, _channel, out long parent);
        _isNested = parent != 0;
        _isOneWay = (flags & MessageFlags.OneWay) != 0;
        _request = _channel.NextRequest();
        _buffer = CallBuffer.Rent(_channel, _binding);
        _buffer.Writing.Begin(asResult: false);
        Construct.Writer(ref _writer, _buffer.Output);
        if (!_isAsynchronous && !_thread.IsAnnounced)
        {
            Announce();
        }

        if (cancellationToken.CanBeCanceled || _timeoutMilliseconds >= 0)
        {
            flags |= MessageFlags.Cancellable;
        }

        if (proxy.Reference.CanEnd && (flags & MessageFlags.Disposes) == 0)
        {
            // From here on, a proxy that is disposed is released only after this call.
            _usesReference = proxy.Reference.TryUse();
            if (!_usesReference)
            {
                _buffer.Return(_binding);
                throw proxy.Reference.Ended();
            }
        }

        long parentOnWire = _isAsynchronous ? 0 : parent;
        CallMessage.Write(ref _writer, flags, _thread.Id, _request, parentOnWire, proxy.Reference.Handle, methodId);
        _writer.WriteArrayHeader(argumentCount);
    }

    private readonly string MethodName
        => $"{_proxy.Reference.Contract.Name}.{_proxy.Reference.Contract.GetMethodName(_methodId)}";

    /// <summary>Writes the next argument.</summary>
    /// <exception cref="IpcException">The value cannot be encoded. Nothing was sent.</exception>
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
            throw NotEncoded(exception, name, typeof(T));
        }
    }

    /// <summary>Writes the next argument, bytes.</summary>
    /// <exception cref="IpcException">The frame would exceed its limit. Nothing was sent.</exception>
    public void WriteBytes(
        scoped ReadOnlySpan<byte> value,
        [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        try
        {
            // The compiler cannot see that the bytes stay valid: the call is sent or dropped before the caller's method
            // continues.
            _inPlace.Write(
                ref _writer,
                _buffer.Output,
                MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(value), value.Length));
        }
        catch (Exception exception)
        {
            throw NotEncoded(exception, name, typeof(ReadOnlySpan<byte>));
        }
    }

    /// <summary>
    /// Marks the call as holding a sensitive value: its message is never logged, and its buffer is wiped.
    /// </summary>
    public readonly void MarkSensitive() => _buffer.Writing.MarkSensitive();

    /// <summary>
    /// Writes the sender of an event: a reference to the event's source if the handler was added to that source,
    /// otherwise nil.
    /// </summary>
    public void WriteSource(object? sender)
    {
        _inPlace.Settle(ref _writer);
        _buffer.Writing.WriteSource(ref _writer, sender, _proxy.Sources);
    }

    /// <summary>Writes the next argument, an exception or null, in the same form as a thrown exception.</summary>
    internal void WriteFault(Exception? exception)
    {
        _inPlace.Settle(ref _writer);
        if (exception is null)
        {
            _writer.WriteNil();
        }
        else
        {
            FaultFormat.Write(ref _writer, _buffer.Output, exception, _buffer.Writing, _channel.Settings.FaultDetail);
        }
    }

    /// <summary>Sends the call and waits for its answer. Meanwhile runs calls that come back on this thread.</summary>
    /// <exception cref="IpcException">
    /// The connection was lost or time ran out; the remote side may have run the call.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The caller's token was cancelled; the remote side may have run the call.
    /// </exception>
    public void Send()
    {
        if (_channel.Settings.TimesCalls)
        {
            SendMeasured();
        }
        else
        {
            SendAndWait();
        }
    }

    private void SendAndWait()
    {
        if (_isOneWay)
        {
            HandOver(mayWait: false);
            return;
        }

        CallInterrupt? interrupt = null;
        try
        {
            HandOver(mayWait: true);
            if (_cancellationToken.CanBeCanceled || _timeoutMilliseconds >= 0)
            {
                interrupt = Watch(_channel, _thread, _request, _cancellationToken, _timeoutMilliseconds);
            }

            _answer = WaitForAnswer(interrupt);
        }
        finally
        {
            interrupt?.Dispose();
            _thread.Close(_request);
            _binding.Stack.PopOutgoing(_channel.Identity, _request);
            if (_thread.OpenRequests == 0 && _thread.IsRetired)
            {
                _channel.ClientThreads.End(_thread);
            }
        }

        if (_channel.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
        {
            IpcLog.AnswerReceived(_channel.Logger, _request, MethodName, _answer.Type == MessageType.Error);
            MessageTap.Note(
                _channel.Logger, MessageTap.AnswerReceived, _request, _proxy.Reference.Contract, _methodId, _answer);
        }

        _buffer.Reading.Begin(_answer);
        Construct.Reader(ref _reader, _answer.Body);
        Exception? thrown = null;
        try
        {
            if (_answer.Type == MessageType.Error)
            {
                thrown = FaultFormat.ReadAnswer(ref _reader, _buffer.Reading);
                _channel.Note(thrown);
            }
            else
            {
                _unreadResults = _reader.ReadStrictArrayHeader();
                if (_cancellationToken.CanBeCanceled)
                {
                    _buffer.Reading.NoteArrivals();
                }
            }
        }
        catch (IpcProtocolException exception)
        {
            IpcProtocolException refusal = _answer.Type == MessageType.Error
                ? UnreadValue.ExplainError(_proxy.Reference.Contract, _methodId, exception)
                : (IpcProtocolException)UnreadValue.Explain(
                    _proxy.Reference.Contract, _methodId, _answer.Body, 0, exception, isResult: true);
            _channel.Fail(refusal);
            throw refusal;
        }

        if (thrown is not null)
        {
            throw Rethrow(thrown);
        }
    }

    /// <summary>Sends the call; the task completes with its answer.</summary>
    public Task SendAsync()
    {
        var pending = new PendingAction(_channel, _request, _proxy.Reference.Contract, _methodId);
        HandOver(pending);
        return pending.Task;
    }

    /// <summary>Sends the call; the task completes with its answer.</summary>
    public Task<T> SendAsync<T, TCodec>()
        where TCodec : struct, IIpcCodec<T>
    {
        var pending = new PendingFunction<T, TCodec>(
            _channel, _request, _proxy.Reference.Contract, _methodId) { Later = _cancellationToken };
        HandOver(pending);
        return pending.Task;
    }

    /// <summary>
    /// Sends a call whose token stays in use after the answer, for as long as an object from the answer is held.
    /// </summary>
    internal Task<T> SendAsync<T, TCodec>(CancellationToken later)
        where TCodec : struct, IIpcCodec<T>
    {
        var pending =
            new PendingFunction<T, TCodec>(_channel, _request, _proxy.Reference.Contract, _methodId) { Later = later };
        HandOver(pending);
        return pending.Task;
    }

    /// <summary>Sends a call that has no answer.</summary>
    /// <exception cref="IpcException">
    /// The connection has ended, or too many bytes already wait to be sent. Nothing was sent.
    /// </exception>
    public void SendOneWay()
    {
        HandOver(mayWait: false);
        Measure(thrown: null);
    }

    /// <summary>
    /// Sends a call without an answer. The connection's first call of this method waits all the same, to learn whether
    /// the peer has the method. Exceptions of the method are not reported, as for any one-way call.
    /// </summary>
    /// <returns>False when the peer lacks the method; nothing ran.</returns>
    /// <exception cref="IpcException">The connection has ended, or too many bytes already wait to be sent.</exception>
    public bool TrySendOneWay()
    {
        if (_isOneWay)
        {
            SendOneWay();
            return true;
        }

        bool isThere = true;
        try
        {
            Send();
        }
        catch (Exception exception) when (_answer is not null)
        {
            isThere = exception is not IpcException { Kind: IpcErrorKind.MethodMissing };
        }

        _channel.Versions.Known.Note(_proxy.Reference.Contract, _methodId, isThere);
        return isThere;
    }

    /// <summary>Returns the call's buffers; releases the references of a call that was never sent.</summary>
    public void Dispose()
    {
        _buffer.Writing.Rollback();
        if (_answer is not null)
        {
            if (_buffer.Reading.TakeArrived() is { } arrived)
            {
                LateCancel.Begin(_channel, _request, arrived, _cancellationToken);
            }

            if (!_reader.End)
            {
                CheckEnd();
                _channel.Objects.Releases.ReleaseUnread(_answer.Body[(int)_reader.Consumed..]);
            }

            // The text of an exception may be as secret as the arguments.
            _answer.IsSensitive = _answer.Type != MessageType.Return
                || _unreadResults != 0
                || _buffer.Reading.IsSensitive;
            _channel.Finish(_answer);
            _answer = null;
        }

        _buffer.Return(_binding);
        if (_usesReference)
        {
            _channel.Objects.Releases.Release(_proxy.Reference);
        }

        GC.KeepAlive(_proxy);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly Exception NotEncoded(Exception exception, string? name, Type type)
    {
        exception = exception is LazyFault lazy ? lazy.Thrown : exception;
        string message = $"Argument '{name}' ({type}) of {MethodName} could not be encoded. {exception.Message}";
        return exception switch
        {
            IpcDisconnectedException => exception,
            IpcException { Kind: IpcErrorKind.LimitExceeded }
                => new IpcException(IpcErrorKind.LimitExceeded, message, exception),
            _ => new IpcException(IpcErrorKind.ArgumentNotEncoded, message, exception),
        };
    }
}
