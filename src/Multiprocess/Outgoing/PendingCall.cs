using Multiprocess.Calls;
using Multiprocess.Messages;
using Multiprocess.Metrics;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Threads;
using Multiprocess.Transports;
using Multiprocess.Versions;

namespace Multiprocess.Outgoing;

/// <summary>An asynchronous call of this side that has no answer yet.</summary>
/// <remarks>
/// Ends once, by the first of: the answer, the caller's token, the time limit, the loss of the connection. A later
/// answer is dropped, and the references in it are released.
/// </remarks>
internal abstract class PendingCall : IThreadPoolWorkItem
{
    private readonly CallChannel _channel;
    private readonly ContractBinding _contract;
    private readonly uint _methodId;
    private CallInterrupt? _interrupt;
    private Message? _answer;

    protected PendingCall(CallChannel channel, long request, ContractBinding contract, uint methodId)
    {
        _channel = channel;
        Request = request;
        _contract = contract;
        _methodId = methodId;
    }

    public long Request { get; }

    /// <summary>The caller's token, which applies to the objects in the answer.</summary>
    public CancellationToken Later { get; init; }

    public ContractBinding Contract => _contract;

    public uint MethodId => _methodId;

    /// <summary>When the call began; 0 if nothing measures calls.</summary>
    public long StartedTimestamp { get; private set; }

    /// <summary>
    /// The peer's call in which this call was made, as far as known; <c>default</c> when there is none.
    /// </summary>
    public CallStep Outer { get; private set; }

    /// <summary>
    /// Records when the call begins and inside which call of the peer. Called before it is registered.
    /// </summary>
    public void Begin(long startedTimestamp, CallStep innermost)
    {
        StartedTimestamp = startedTimestamp;
        Outer = innermost.Connection is not null ? innermost : IpcCall.Current?.Step ?? default;
    }

    /// <summary>Watches the caller's token and the time limit. Called after the call was sent.</summary>
    public void Watch(CancellationToken cancellationToken, int timeoutMilliseconds)
    {
        if (cancellationToken.CanBeCanceled || timeoutMilliseconds >= 0)
        {
            var interrupt = new CallInterrupt(
                cancellationToken,
                timeoutMilliseconds,
                _channel.Options.TimeProvider,
                () => Interrupt(cancellationToken, timeoutMilliseconds));
            _interrupt = interrupt;
            if (IsEnded)
            {
                interrupt.Dispose();
            }
        }
    }

    /// <summary>Completes the call with its answer, on the thread pool.</summary>
    public void Complete(Message answer)
    {
        _answer = answer;
        FrameworkPool.Queue(this);
    }

    /// <summary>Ends the call with an exception.</summary>
    public void Fail(Exception exception)
    {
        _interrupt?.Dispose();
        End(exception);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Message answer = _answer!;
        _channel.Threads.Begun(answer);
        _interrupt?.Dispose();
        if (IsEnded)
        {
            _channel.Objects.Releases.ReleaseUnread(answer.Body);
            _channel.Finish(answer);
            return;
        }

        ThreadBinding binding = ThreadBinding.Of(_channel.Threads);
        CallBuffer buffer = CallBuffer.Rent(_channel, binding);
        int consumed = 0;
        try
        {
            buffer.Reading.Begin(answer);
            var reader = new MessagePackReader(answer.Body);
            if (answer.Type == MessageType.Error)
            {
                Exception thrown = Faults.FaultFormat.ReadAnswer(ref reader, buffer.Reading);
                _channel.Note(thrown);
                End(VersionErrors.Explain(thrown, _contract, _methodId));
            }
            else
            {
                if (Later.CanBeCanceled)
                {
                    buffer.Reading.NoteArrivals();
                }

                bool isSet;
                int count;
                try
                {
                    count = reader.ReadStrictArrayHeader();
                    isSet = TrySetResult(ref reader, count, buffer.Reading);
                }
                finally
                {
                    consumed = (int)reader.Consumed;
                }

                if (isSet)
                {
                    if (buffer.Reading.TakeArrived() is { } arrived)
                    {
                        LateCancel.Begin(_channel, Request, arrived, Later);
                    }

                    Measure(thrown: null);
                }

                if (count == ResultCount)
                {
                    answer.CheckEnd(ref reader);
                    answer.IsSensitive = false;
                }
            }
        }
        catch (Exception exception) when (answer.Type == MessageType.Return)
        {
            buffer.Reading.DisposeOpened();
            Exception refusal =
                UnreadValue.Explain(_contract, _methodId, answer.Body, consumed, exception, isResult: true);
            if (refusal is IpcProtocolException)
            {
                _channel.Fail(refusal);
                End(refusal);
            }
            else
            {
                End(refusal);
                _channel.Objects.Releases.ReleaseUnread(answer.Body[consumed..]);
            }
        }
        catch (IpcProtocolException exception)
        {
            IpcProtocolException refusal = UnreadValue.ExplainError(_contract, _methodId, exception);
            _channel.Fail(refusal);
            End(refusal);
        }
        catch (Exception exception)
        {
            End(exception);
        }
        finally
        {
            answer.IsSensitive |= buffer.Reading.IsSensitive;
            buffer.Return(binding);
            _channel.Finish(answer);
        }
    }

    protected abstract bool IsEnded { get; }

    /// <summary>Number of results that an answer must have.</summary>
    protected abstract int ResultCount { get; }

    protected abstract bool TrySetResult(ref MessagePackReader reader, int count, IpcReadContext context);

    protected abstract bool TrySetException(Exception exception);

    protected abstract bool TrySetCanceled(CancellationToken cancellationToken);

    /// <summary>
    /// Returns a cancelled task that throws <paramref name="exception"/> itself when awaited, as an asynchronous method
    /// does. TaskCompletionSource would create a new exception.
    /// </summary>
    protected static async Task<T> Canceled<T>(OperationCanceledException exception)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        throw exception;
    }

    private void End(Exception exception)
    {
        if (TrySetException(exception))
        {
            Measure(exception);
        }
    }

    private void Measure(Exception? thrown)
    {
        if (StartedTimestamp != 0 && IpcMeter.MeasuresCalls)
        {
            CallMetrics.Answered(_channel, _contract, _methodId, StartedTimestamp, thrown);
        }
    }

    private void Interrupt(CancellationToken cancellationToken, int timeoutMilliseconds)
    {
        bool isCancelled = cancellationToken.IsCancellationRequested;
        Exception reason = isCancelled
            ? new OperationCanceledException(cancellationToken)
            : new IpcTimeoutException(
                $"{_contract.Name}.{_contract.GetMethodName(_methodId)} was not answered within {timeoutMilliseconds:N0} ms.");
        if (isCancelled ? TrySetCanceled(cancellationToken) : TrySetException(reason))
        {
            Measure(reason);
            _channel.Control.SendCancel(thread: 0, Request);
        }
    }
}

/// <summary>A pending call without a result.</summary>
internal sealed class PendingAction(CallChannel channel, long request, ContractBinding contract, uint methodId)
    : PendingCall(channel, request, contract, methodId)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _completion.Task;

    protected override bool IsEnded => _completion.Task.IsCompleted;

    protected override int ResultCount => 0;

    protected override bool TrySetResult(ref MessagePackReader reader, int count, IpcReadContext context)
        => _completion.TrySetResult();

    protected override bool TrySetException(Exception exception)
        => exception is OperationCanceledException canceled
            ? _completion.TrySetFromTask(Canceled<int>(canceled))
            : _completion.TrySetException(exception);

    protected override bool TrySetCanceled(CancellationToken cancellationToken)
        => _completion.TrySetCanceled(cancellationToken);
}

/// <summary>A pending call with a result.</summary>
internal sealed class PendingFunction<T, TCodec>(
    CallChannel channel,
    long request,
    ContractBinding contract,
    uint methodId)
    : PendingCall(channel, request, contract, methodId)
    where TCodec : struct, IIpcCodec<T>
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    protected override bool IsEnded => _completion.Task.IsCompleted;

    protected override int ResultCount => 1;

    protected override bool TrySetResult(ref MessagePackReader reader, int count, IpcReadContext context)
    {
        if (count < 1)
        {
            throw new IpcProtocolException("Expected a result, got none.");
        }

        return _completion.TrySetResult(TCodec.Read(ref reader, context));
    }

    protected override bool TrySetException(Exception exception)
        => exception is OperationCanceledException canceled
            ? _completion.TrySetFromTask(Canceled<T>(canceled))
            : _completion.TrySetException(exception);

    protected override bool TrySetCanceled(CancellationToken cancellationToken)
        => _completion.TrySetCanceled(cancellationToken);
}
