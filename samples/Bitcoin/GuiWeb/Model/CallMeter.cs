using System.Diagnostics.Metrics;

namespace Bitcoin.GuiWeb.Model;

/// <summary>
/// Counts the calls of this process that have ended, by what the toolkit publishes. In a program that has everything in
/// one process there are none. Any thread may call.
/// </summary>
internal sealed class CallMeter : IDisposable
{
    private const string Source = "Multiprocess";
    private const string Ended = "multiprocess.calls";

    private readonly MeterListener _listener = new();
    private long _calls;

    public CallMeter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == Source && instrument.Name == Ended)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, calls, _, _) => Interlocked.Add(ref _calls, calls));
        _listener.Start();
    }

    /// <summary>How many there have been.</summary>
    internal long Calls => Interlocked.Read(ref _calls);

    public void Dispose() => _listener.Dispose();
}
