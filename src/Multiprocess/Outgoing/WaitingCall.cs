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
internal readonly record struct WaitingCall(CallStep Step, CallStep[] Stack, Thread? Thread)
{
    /// <summary>Lists the calls that wait on one connection, in the order in which they were made.</summary>
    public static List<WaitingCall> List(CallChannel channel)
    {
        var calls = new List<WaitingCall>();
        HashSet<CallStack> stacks;
        using (Steady.Enter(channel.Threads.Gate))
        {
            stacks = channel.Threads.ListStacks();
            foreach (PendingCall call in channel.Pending.All)
            {
                var step = new CallStep(
                    channel.Identity, call.Request, call.Contract, call.MethodId, IsOutgoing: true, call.StartedTimestamp);
                calls.Add(
                    new WaitingCall(step, call.Outer.Connection is null ? [step] : [call.Outer, step], Thread: null));
            }
        }

        foreach (CallStack stack in stacks)
        {
            CallStep[] steps = stack.Copy();
            foreach (CallStep step in steps)
            {
                if (step.IsOutgoing && step.Connection == channel.Identity)
                {
                    calls.Add(new WaitingCall(step, steps, stack.Thread));
                }
            }
        }

        calls.Sort(static (one, other) => one.Step.Request.CompareTo(other.Step.Request));
        return calls;
    }
}
