using Multiprocess.Calls;
using Multiprocess.Metrics;

namespace Multiprocess.Generated;

// Measures a call while somebody listens. In a separate file, so that the path of an unmeasured call stays short.
public ref partial struct OutgoingCall
{
    private void SendMeasured()
    {
        _startedTimestamp = _channel.Settings.Timestamp();
        try
        {
            SendAndWait();
        }
        catch (Exception exception)
        {
            Measure(exception);
            throw;
        }

        Measure(thrown: null);
    }

    private readonly void Measure(Exception? thrown)
    {
        if (IpcMeter.MeasuresCalls)
        {
            CallMetrics.Answered(
                _channel, _proxy.Reference.Contract, _methodId, _isOneWay ? 0 : _startedTimestamp, thrown);
        }
    }
}
