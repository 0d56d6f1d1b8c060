using System.Diagnostics.Metrics;

namespace Bitcoin.GuiWeb.Model;

/// <summary>
/// Counts the ended calls of this process, by the metrics of the toolkit. A program with everything in one process has
/// no calls. Thread-safe.
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

    /// <summary>The number of ended calls.</summary>
    internal long Calls => Interlocked.Read(ref _calls);

    public void Dispose() => _listener.Dispose();
}
