using System.Diagnostics;
using Multiprocess.Calls;
using Multiprocess.Generated;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>
/// Runs calls of the peer: on a worker, on a thread that waits for its own call, or on the call pool.
/// </summary>
internal static class IncomingCalls
{
    /// <summary>
    /// Runs one call on the calling thread and answers it, unless its method returned a task that is still running.
    /// </summary>
    /// <param name="channel">The channel of the connection.</param>
    /// <param name="message">The call; returned to its pool here.</param>
    /// <param name="thread">The logical thread to which the calling thread is bound; null on the call pool.</param>
    /// <param name="binding">The calling thread's binding.</param>
    /// <param name="context">The context that flows with an asynchronous call.</param>
    public static void Run(
        CallChannel channel,
        ReceivedMessage message,
        LogicalThread? thread,
        ThreadBinding binding,
        IpcCallContext? context = null)
    {
        CallBuffer buffer = CallBuffer.Rent(channel, binding);
        AcceptedCall accepted = buffer.Call;
        AcceptedCall? outer = binding.Running;
        accepted.Take(message);
        accepted.BeginRun(thread, outer, context);
        binding.Running = accepted;
        binding.Stack.Push(
            channel.Identity,
            accepted.Request,
            accepted.Export.Contract,
            accepted.MethodId,
            isOutgoing: false,
            accepted.IsOneWay ? 0 : accepted.StartedTimestamp);
        if (thread is not null)
        {
            thread.Stack = binding.Stack;
        }

        var call = new IncomingCall(accepted, buffer, message);
        try
        {
            call.Run();
        }
        finally
        {
            Debug.Assert(
                binding.Running == accepted,
                "A call ends that is not the innermost one of its connection on this thread.");
            binding.Stack.Pop();
            binding.Running = outer;
            accepted.EndRun();
            buffer.Return(binding);
        }
    }

    /// <summary>
    /// The loop of a worker: runs the calls of one logical thread of the peer in order, until that thread ends.
    /// </summary>
    public static void Work(CallChannel channel, LogicalThread thread)
    {
        ThreadBinding binding = ThreadBinding.Of(channel.Threads);
        while (channel.Pump.WaitForCall(thread) is { } taken)
        {
            var message = (ReceivedMessage)taken;
            if (message.Type != MessageType.Call || message.Parent != 0)
            {
                channel.Fail(
                    new IpcProtocolException(
                        $"{message.Type} for request {message.Request}: Expected a waiting thread, got thread {message.Thread}."));
                using (Uninterruptible.Enter(channel.Threads.Gate))
                {
                    channel.Threads.Remove(thread);
                }

                return;
            }

            channel.Sender.AwaitRoom();
            if (channel.IsClosed)
            {
                // The same answer as for calls that are still queued when the connection ends.
                Refuse(channel, message, channel.Disconnected());
                continue;
            }

            RunTopLevel(channel, message, thread, binding);
        }

        if (binding.Own is { IsRetired: false, IsEnded: false } own && !channel.IsClosed)
        {
            channel.ClientThreads.End(own);
        }
    }

    /// <summary>Begins an asynchronous call on the call pool, or where the options ask.</summary>
    public static void Begin(CallChannel channel, ReceivedMessage message)
    {
        if (!CallbackDelivery.IsWanted(channel.Options))
        {
            RunOnPool(channel, message);
            return;
        }

        try
        {
            CallbackDelivery.Post(channel.Options, () => RunOnPool(channel, message));
        }
        catch (Exception exception)
        {
            RefuseDelivery(channel, message, exception);
        }
    }

    /// <summary>Runs an asynchronous call of the peer until its first wait.</summary>
    private static void RunOnPool(CallChannel channel, ReceivedMessage message)
    {
        ThreadBinding binding = ThreadBinding.Of(channel.Threads);

        // The call is not part of the call that this pool thread may be running.
        AcceptedCall? running = binding.Running;
        binding.Running = null;
        var step = new CallStep(
            channel.Identity,
            message.Request,
            message.Called!.Contract,
            message.Method,
            IsOutgoing: false,
            channel.Settings.Timestamp());
        channel.PeerCalls.Running?.Add(step);
        var context = new IpcCallContext(
            channel.Owner, message.Cancellation?.Token ?? channel.PeerCalls.Stopping) { Step = step };
        IpcCallContext? flowing = IpcCall.Flow(context);
        try
        {
            Run(channel, message, thread: null, binding, context);
        }
        finally
        {
            IpcCall.Flow(flowing);
            binding.Running = running;
        }
    }

    private static void RunTopLevel(
        CallChannel channel, ReceivedMessage message, LogicalThread thread, ThreadBinding binding)
    {
        if (CallbackDelivery.IsWanted(channel.Options))
        {
            Deliver(channel, message, thread);
        }
        else
        {
            Run(channel, message, thread, binding);
        }
    }

    private static void Deliver(CallChannel channel, ReceivedMessage message, LogicalThread thread)
    {
        bool hasBegun = false;
        try
        {
            CallbackDelivery.Send(channel.Options, () =>
            {
                hasBegun = true;
                Run(channel, message, thread, ThreadBinding.Of(channel.Threads));
            });
        }
        catch (Exception exception) when (!hasBegun)
        {
            RefuseDelivery(channel, message, exception);
        }
        catch (Exception exception)
        {
            // The call itself never throws and was answered. The worker must survive whatever the context does.
            IpcLog.CallbackFailed(channel.Logger, "The context that runs callbacks", exception);
        }
    }

    /// <summary>
    /// Refuses a call that the context or scheduler of the options did not accept; its window may be closed.
    /// </summary>
    private static void RefuseDelivery(CallChannel channel, ReceivedMessage message, Exception why)
        => Refuse(
            channel,
            message,
            new IpcDisconnectedException($"The context that runs callbacks takes no more. {why.Message}"));

    private static void Refuse(CallChannel channel, ReceivedMessage message, IpcException reason)
    {
        ThreadBinding binding = ThreadBinding.Of(channel.Threads);
        CallBuffer buffer = CallBuffer.Rent(channel, binding);
        buffer.IsCounted = true;
        AcceptedCall call = buffer.Call;
        call.Take(message);
        call.SendError(buffer, reason, IpcErrorKind.Disconnected, mayWait: false);
        channel.Objects.Releases.ReleaseUnread(message.Body);
        channel.Finish(message);
        call.End(buffer);
        buffer.Return(binding);
    }
}
