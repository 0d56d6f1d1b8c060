using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Multiprocess.Diagnostics;
using Multiprocess.Metrics;

namespace Multiprocess.Tests.Support;

/// <summary>One measurement.</summary>
internal sealed record Measured(string Name, double Value, IReadOnlyDictionary<string, object?> Tags)
{
    public string? Tag(string name) => (string?)Tags.GetValueOrDefault(name);
}

/// <summary>Listens to the runtime's metrics until it is disposed.</summary>
internal sealed class TestMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentBag<Instrument> _instruments = [];

    public TestMeter()
    {
        // As a connection would.
        ConnectionMeter.Make();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == IpcMeter.Name)
            {
                _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => [.. _instruments];

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<Measured> All => [.. _measured];

    /// <summary>What was measured so far by one instrument.</summary>
    public IReadOnlyList<Measured> Of(string name) => [.. _measured.Where(measured => measured.Name == name)];

    /// <summary>The measured calls of one method and role.</summary>
    public IReadOnlyList<Measured> Calls(string method, string role, string name = "multiprocess.calls")
        =>
            [
                .. Of(name).Where(
                    measured => measured.Tag(IpcMeter.Method) == method && measured.Tag(IpcMeter.Role) == role),
            ];

    /// <summary>Asks the instruments that are looked up, and returns what one of them says now.</summary>
    public IReadOnlyList<Measured> Look(string name)
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
        return Of(name);
    }

    /// <summary>As <see cref="Look"/>, the sum of those that have a tag.</summary>
    public double Sum(string name, string? tag = null, string? value = null)
        => Look(name).Where(measured => tag is null || measured.Tag(tag) == value).Sum(measured => measured.Value);

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => _measured.Enqueue(
            new Measured(instrument.Name, value, tags.ToArray().ToDictionary(pair => pair.Key, pair => pair.Value)));
}
