using Multiprocess.Metrics;
using Multiprocess.Objects;

namespace Multiprocess.Calls;

/// <summary>Counts calls that have ended, by how they did.</summary>
internal static class CallMetrics
{
    private const string Ok = "ok";
    private const string Fault = "fault";
    private const string Cancelled = "cancelled";
    private const string TimedOut = "timeout";
    private const string Disconnected = "disconnected";

    /// <summary>Counts a call of this side.</summary>
    /// <param name="channel">Its connection.</param>
    /// <param name="contract">What was called.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="startedTimestamp">When it began; 0 for a one-way call, and where nobody listened yet.</param>
    /// <param name="thrown">What the caller gets instead of an answer; null when it gets one.</param>
    public static void Answered(CallChannel channel, ContractBinding contract, uint methodId, long startedTimestamp, Exception? thrown)
    {
        string outcome = thrown switch
        {
            null => Ok,
            OperationCanceledException => Cancelled,
            IpcTimeoutException => TimedOut,
            IpcDisconnectedException or IpcProtocolException => Disconnected,
            _ => Fault,
        };
        Ended(IpcMeter.Client, channel, contract, methodId, outcome, startedTimestamp);
    }

    /// <summary>Counts a call of the peer that was run.</summary>
    public static void Ran(CallChannel channel, ContractBinding contract, uint methodId, long startedTimestamp, Exception? thrown)
    {
        // Whatever the method did, nobody got its answer when the connection went meanwhile.
        string outcome = channel.IsClosed ? Disconnected : thrown switch
        {
            null => Ok,
            OperationCanceledException => Cancelled,
            _ => Fault,
        };
        Ended(IpcMeter.Server, channel, contract, methodId, outcome, startedTimestamp);
    }

    private static void Ended(string role, CallChannel channel, ContractBinding contract, uint methodId, string outcome, long startedTimestamp)
    {
        TimeSpan? took = startedTimestamp == 0 ? null : channel.Options.TimeProvider.GetElapsedTime(startedTimestamp);
        IpcMeter.CallEnded(role, contract.Name, contract.GetMethodName(methodId), outcome, took);
    }
}
