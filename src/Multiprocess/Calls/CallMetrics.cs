using Multiprocess.Metrics;
using Multiprocess.Objects;

namespace Multiprocess.Calls;

/// <summary>Counts ended calls by outcome.</summary>
internal static class CallMetrics
{
    private const string Ok = "ok";
    private const string Fault = "fault";
    private const string Cancelled = "cancelled";
    private const string TimedOut = "timeout";
    private const string Disconnected = "disconnected";

    /// <summary>Counts a call of this side.</summary>
    /// <param name="channel">The connection of the call.</param>
    /// <param name="contract">The contract of the called object.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="startedTimestamp">When the call began; 0 for a one-way call, or if nothing listened then.</param>
    /// <param name="thrown">
    /// The exception that the caller gets instead of an answer; null when the call succeeded.
    /// </param>
    public static void Answered(
        CallChannel channel,
        ContractBinding contract,
        uint methodId,
        long startedTimestamp,
        Exception? thrown)
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

    /// <summary>Counts a call of the peer that ran here.</summary>
    public static void Ran(
        CallChannel channel,
        ContractBinding contract,
        uint methodId,
        long startedTimestamp,
        Exception? thrown)
    {
        // If the connection ended meanwhile, nobody received the answer, whatever the method did.
        string outcome = channel.IsClosed ? Disconnected : thrown switch
        {
            null => Ok,
            OperationCanceledException => Cancelled,
            _ => Fault,
        };
        Ended(IpcMeter.Server, channel, contract, methodId, outcome, startedTimestamp);
    }

    private static void Ended(
        string role,
        CallChannel channel,
        ContractBinding contract,
        uint methodId,
        string outcome,
        long startedTimestamp)
    {
        TimeSpan? took = startedTimestamp == 0 ? null : channel.Options.TimeProvider.GetElapsedTime(startedTimestamp);
        IpcMeter.CallEnded(role, contract.Name, contract.GetMethodName(methodId), outcome, took);
    }
}
