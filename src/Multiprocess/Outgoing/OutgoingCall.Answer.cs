using System.Runtime.CompilerServices;
using Multiprocess.Calls;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Threads;
using Multiprocess.Versions;

namespace Multiprocess.Generated;

// Waits for the answer and reads it.
public ref partial struct OutgoingCall
{
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
