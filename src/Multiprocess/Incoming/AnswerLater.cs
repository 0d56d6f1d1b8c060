using Multiprocess.Calls;
using Multiprocess.Serialization;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>Answers calls whose method returned a task, when the task ends. Holds no thread meanwhile.</summary>
internal static class AnswerLater
{
    public static async Task Run(AcceptedCall call, Task task, AfterCall after)
    {
        Exception? thrown = null;
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            thrown = exception;
        }

        Answer<int, Nothing>(call, thrown, 0, count: 0, after);
    }

    public static async Task Run<T, TCodec>(AcceptedCall call, Task<T> task, AfterCall after)
        where TCodec : struct, IIpcCodec<T>
    {
        Exception? thrown = null;
        T? result = default;
        try
        {
            result = await task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            thrown = exception;
        }

        Answer<T, TCodec>(call, thrown, result!, count: 1, after);
    }

    /// <summary>
    /// What is thrown for a result that cannot be encoded: it names method, place and type. What an iterator threw stays as it
    /// is: in one process its caller would have got it too, if later.
    /// </summary>
    public static Exception NotEncoded(AcceptedCall call, Exception exception, string place, Type? type)
        => exception is LazyFault ? exception : new IpcException(
            exception is IpcException { Kind: IpcErrorKind.LimitExceeded } ? IpcErrorKind.LimitExceeded : IpcErrorKind.ResultNotEncoded,
            $"{place}{(type is null ? string.Empty : $" ({type})")} of {call.MethodName} could not be encoded. {exception.Message}",
            exception);

    private static void Answer<T, TCodec>(AcceptedCall call, Exception? thrown, T result, int count, AfterCall after)
        where TCodec : struct, IIpcCodec<T>
    {
        ThreadBinding binding = ThreadBinding.Of(call.Channel.Threads);
        CallBuffer buffer = call.Channel.RentBuffer(binding);
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
            after.Run(call, thrown);
            CallChannel.ReturnBuffer(binding, buffer);
        }
    }

    /// <summary>As what kind of error a result answers that was not encoded, and with which exception.</summary>
    public static (IpcErrorKind Kind, Exception Thrown) Refusal(Exception exception)
        => exception switch
        {
            LazyFault lazy => (IpcErrorKind.Remote, lazy.Thrown),
            IpcException { Kind: IpcErrorKind.LimitExceeded } => (IpcErrorKind.LimitExceeded, exception),
            _ => (IpcErrorKind.ResultNotEncoded, exception),
        };

    /// <returns>Why the answer is an error instead; null when it is not.</returns>
    private static Exception? Return<T, TCodec>(AcceptedCall call, CallBuffer buffer, T result, int count)
        where TCodec : struct, IIpcCodec<T>
    {
        try
        {
            call.BeginReturn(buffer, out MessagePackWriter writer, count);
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

    /// <summary>The codec of a result that is not there.</summary>
    private readonly struct Nothing : IIpcCodec<int>
    {
        public static void Write(ref MessagePackWriter writer, int value, IpcWriteContext context) => writer.WriteNil();

        public static int Read(ref MessagePackReader reader, IpcReadContext context) => 0;
    }
}
