using Multiprocess.Calls;
using Multiprocess.Locks;
using Multiprocess.Threads;

namespace Multiprocess.Outgoing;

/// <summary>A call of this side that has no answer yet, with its call stack.</summary>
/// <param name="Step">The call.</param>
/// <param name="Stack">
/// The calls in progress on its thread, outermost first, over all connections, including this call.
/// </param>
/// <param name="Thread">The thread that waits; null for an asynchronous call.</param>
internal readonly record struct UnansweredCall(CallStep Step, CallStep[] Stack, Thread? Thread)
{
    /// <summary>Lists the calls that wait on one connection, in the order in which they were made.</summary>
    public static List<UnansweredCall> List(CallChannel channel)
    {
        var calls = new List<UnansweredCall>();
        HashSet<CallStack> stacks;
        using (Uninterruptible.Enter(channel.Threads.Gate))
        {
            stacks = channel.Threads.ListStacks();
            foreach (PendingCall call in channel.Pending.All)
            {
                var step = new CallStep(
                    channel.Identity,
                    call.Request,
                    call.Contract,
                    call.MethodId,
                    IsOutgoing: true,
                    call.StartedTimestamp);
                CallStep[] stack = call.Outer.Connection is null ? [step] : [call.Outer, step];
                calls.Add(new UnansweredCall(step, stack, Thread: null));
            }
        }

        foreach (CallStack stack in stacks)
        {
            CallStep[] steps = stack.Copy();
            foreach (CallStep step in steps)
            {
                if (step.IsOutgoing && step.Connection == channel.Identity)
                {
                    calls.Add(new UnansweredCall(step, steps, stack.Thread));
                }
            }
        }

        calls.Sort(static (one, other) => one.Step.Request.CompareTo(other.Step.Request));
        return calls;
    }
}
