using System.Globalization;
using Multiprocess.Outgoing;
using Multiprocess.Threads;

namespace Multiprocess.Diagnostics;

/// <summary>Describes what calls wait for. The text has names and numbers, and no argument or result.</summary>
internal static class CallReport
{
    // A chain may be a thousand calls deep: its two ends are enough.
    private const int FirstSteps = 5;
    private const int LastSteps = 15;

    /// <summary>Returns the public description of a waiting call.</summary>
    public static IpcWaitingCall Of(UnansweredCall call)
        => new(
            call.Step.Request, call.Step.MethodName, NameOf(call.Thread), Age(call.Step), [.. call.Stack.Select(Of)]);

    /// <summary>
    /// Describes the calls of a thread, outermost first. The thread is null for an asynchronous call.
    /// </summary>
    public static string Chain(Thread? thread, CallStep[] stack)
    {
        int left = stack.Length - FirstSteps - LastSteps;
        IEnumerable<string> steps = left <= 0
            ? stack.Select(Text)
            :
            [
                .. stack.Take(FirstSteps).Select(Text),
                $"… ({left:N0} more)",
                .. stack.TakeLast(LastSteps).Select(Text),
            ];
        return $"{(NameOf(thread) is { } name ? $"thread {name}" : "asynchronous")} {string.Join(" → ", steps)}";
    }

    /// <summary>Describes what happens for a call in the meantime, as far as this side knows.</summary>
    public static string Meanwhile(CallStep call, CallStep[] stack)
    {
        CallStep innermost = stack[^1];
        if (innermost != call)
        {
            return innermost.IsOutgoing
                ? $"it is held up by #{innermost.Request}, for which {innermost.Connection.Peer.Description} has not "
                    + $"answered"
                : $"it is held up by #{innermost.Request} of {innermost.Connection.Peer.Description}, which runs here";
        }

        return call.IsOutgoing
            ? $"nothing runs here for it: what it does there, the peer's log says at #{call.Request} of process "
                + $"{Environment.ProcessId}"
            : "it waits for no other process";
    }

    public static TimeSpan? Age(CallStep step)
        => step.StartedTimestamp == 0
            ? null
            : step.Connection.Time.GetElapsedTime(step.StartedTimestamp);

    private static string Text(CallStep step) => Of(step).ToString();

    private static IpcCallStep Of(CallStep step)
        => new(step.Connection.Peer, step.Request, step.MethodName, step.IsOutgoing, Age(step));

    /// <summary>The name and number of a thread; null for no thread.</summary>
    public static string? NameOf(Thread? thread)
        => thread is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{thread.Name ?? "thread"}/{thread.ManagedThreadId}");
}
