using Multiprocess.Calls;
using Multiprocess.Serialization;

namespace Multiprocess.Incoming;

/// <summary>Answers calls whose method returned a task, when the task completes. Holds no thread meanwhile.</summary>
/// <remarks>
/// Runs on the connection's share of the call pool, because encoding calls the user's getters. If the task completed
/// on a thread of that share, which is the usual case, the answer is sent there at once.
/// </remarks>
internal static class AnswerLater
{
    private const TaskContinuationOptions Options =
        TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.DenyChildAttach;

    /// <param name="call">The call.</param>
    /// <param name="buffer">The buffer that holds the call while its method runs.</param>
    /// <param name="task">What the method returned.</param>
    public static void Run(AcceptedCall call, CallBuffer buffer, Task task)
    {
        if (task.IsCompleted && !call.Channel.Sender.IsHeldBack)
        {
            Encode<int, Nothing>(call, Thrown(task), 0, count: 0);
            return;
        }

        buffer.LeaveCall();
        _ = task.ContinueWith(
            ended => Answer<int, Nothing>(call, Thrown(ended), 0, count: 0),
            CancellationToken.None,
            Options,
            call.Channel.PeerCalls.Pool);
    }

    public static void Run<T, TCodec>(AcceptedCall call, CallBuffer buffer, Task<T> task)
        where TCodec : struct, IIpcCodec<T>
    {
        if (task.IsCompleted && !call.Channel.Sender.IsHeldBack)
        {
            Exception? thrown = Thrown(task);
            Encode<T, TCodec>(call, thrown, thrown is null ? task.Result : default!, count: 1);
            return;
        }

        buffer.LeaveCall();
        _ = task.ContinueWith(
            ended => AnswerResult<T, TCodec>(call, ended),
            CancellationToken.None,
            Options,
            call.Channel.PeerCalls.Pool);
    }

    /// <summary>
    /// Creates the exception for a result that cannot be encoded; it names method, place and type. An iterator's own
    /// exception is returned unchanged: in one process the caller would get it too, only later.
    /// </summary>
    public static Exception NotEncoded(AcceptedCall call, Exception exception, string place, Type? type)
        => exception is LazyFault ? exception : new IpcException(
            exception is IpcException { Kind: IpcErrorKind.LimitExceeded }
                ? IpcErrorKind.LimitExceeded
                : IpcErrorKind.ResultNotEncoded,
            $"{place}{(type is null ? string.Empty : $" ({type})")} of {call.MethodName} could not be encoded. "
                + $"{exception.Message}",
            exception);

    private static void AnswerResult<T, TCodec>(AcceptedCall call, Task<T> task)
        where TCodec : struct, IIpcCodec<T>
    {
        Exception? thrown = Thrown(task);
        Answer<T, TCodec>(call, thrown, thrown is null ? task.Result : default!, count: 1);
    }

    /// <summary>The exception that awaiting the task would throw; null when it succeeded.</summary>
    private static Exception? Thrown(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static void Answer<T, TCodec>(AcceptedCall call, Exception? thrown, T result, int count)
        where TCodec : struct, IIpcCodec<T>
    {
        if (call.Channel.Sender.IsHeldBack)
        {
            AnswerWhenRoom<T, TCodec>(call, thrown, result, count);
        }
        else
        {
            Encode<T, TCodec>(call, thrown, result, count);
        }
    }

    /// <summary>
    /// Answers when the peer has received more. Until then the result is kept as it is: an encoded answer would take
    /// the same memory again, and refusing to queue it would end the connection.
    /// </summary>
    private static void AnswerWhenRoom<T, TCodec>(AcceptedCall call, Exception? thrown, T result, int count)
        where TCodec : struct, IIpcCodec<T>
    {
        bool hasRoom = call.Channel.Sender.HasRoom(
            () => call.Channel.PeerCalls.Pool.Post(_ => Encode<T, TCodec>(call, thrown, result, count), null));
        if (hasRoom)
        {
            Encode<T, TCodec>(call, thrown, result, count);
        }
    }

    private static void Encode<T, TCodec>(AcceptedCall call, Exception? thrown, T result, int count)
        where TCodec : struct, IIpcCodec<T>
    {
        ThreadBinding binding = ThreadBinding.Of(call.Channel.Threads);
        CallBuffer buffer = CallBuffer.Rent(call.Channel, binding);
        buffer.IsCounted = true;
        try
        {
            if (thrown is not null)
            {
                call.SendError(buffer, thrown, IpcErrorKind.Remote, mayWait: false);
            }
            else if (!call.IsOneWay)
            {
                thrown = Return<T, TCodec>(call, buffer, result, count);
            }
        }
        finally
        {
            call.End(buffer);
            call.AfterAnswer(thrown);
            buffer.Return(binding);
        }
    }

    /// <summary>Returns the error kind and the exception to answer with when a result could not be encoded.</summary>
    public static (IpcErrorKind Kind, Exception Thrown) Refusal(Exception exception)
        => exception switch
        {
            LazyFault lazy => (IpcErrorKind.Remote, lazy.Thrown),
            IpcException { Kind: IpcErrorKind.LimitExceeded } => (IpcErrorKind.LimitExceeded, exception),
            _ => (IpcErrorKind.ResultNotEncoded, exception),
        };

    /// <returns>The exception that was sent instead of the result; null when the result was sent.</returns>
    private static Exception? Return<T, TCodec>(AcceptedCall call, CallBuffer buffer, T result, int count)
        where TCodec : struct, IIpcCodec<T>
    {
        try
        {
            MessagePackWriter writer = default;
            call.BeginReturn(buffer, ref writer, count);
            if (count > 0)
            {
                TCodec.Write(ref writer, result, buffer.Writing);
            }

            writer.Flush();
        }
        catch (Exception exception)
        {
            (IpcErrorKind kind, Exception thrown) = Refusal(NotEncoded(call, exception, "The result", typeof(T)));
            call.SendError(buffer, thrown, kind, mayWait: false);
            return thrown;
        }

        call.SendReturn(buffer, tail: default, mayWait: false);
        return null;
    }

    /// <summary>The codec of an absent result.</summary>
    private readonly struct Nothing : IIpcCodec<int>
    {
        public static void Write(ref MessagePackWriter writer, int value, IpcWriteContext context) => writer.WriteNil();

        public static int Read(ref MessagePackReader reader, IpcReadContext context) => 0;
    }
}
