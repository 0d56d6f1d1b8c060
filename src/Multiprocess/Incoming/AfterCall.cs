using System.Diagnostics;
using Multiprocess.Calls;
using Multiprocess.Generated;
using Multiprocess.Metrics;

namespace Multiprocess.Incoming;

/// <summary>
/// The work left after a call of the peer was answered: measure it, stop its activity, and end its borrowed references.
/// </summary>
internal readonly record struct AfterCall(Activity? Activity, List<IpcProxy>? Borrowed, long StartedTimestamp)
{
    /// <summary>Runs after the answer was sent: the answer may contain what was borrowed.</summary>
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
