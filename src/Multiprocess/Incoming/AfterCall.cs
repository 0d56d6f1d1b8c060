using System.Diagnostics;
using Multiprocess.Calls;
using Multiprocess.Generated;
using Multiprocess.Metrics;

namespace Multiprocess.Incoming;

/// <summary>What is left to do when a call of the peer was answered: it is measured, its activity ends, and so does what it had borrowed.</summary>
internal readonly record struct AfterCall(Activity? Activity, List<IpcProxy>? Borrowed, long StartedTimestamp)
{
    /// <summary>Behind the answer: what was borrowed may be part of it.</summary>
    public void Run(AcceptedCall call, Exception? thrown)
    {
        if (StartedTimestamp != 0 && IpcMeter.MeasuresCalls)
        {
            CallMetrics.Ran(call.Channel, call.Export.Contract, call.MethodId, StartedTimestamp, thrown);
        }

        if (Borrowed is not null)
        {
            call.Channel.Objects.Releases.EndBorrowing(Borrowed);
        }

        if (Activity is not null)
        {
            if (thrown is not null)
            {
                CallTrace.Failed(Activity, thrown);
            }

            Activity.Stop();
        }
    }
}
