using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Multiprocess.Hosting.Tests;

/// <summary>What OpenTelemetry's providers collect of calls.</summary>
[CancelAfter(120_000)]
public sealed class OpenTelemetryTests
{
    private string _folder = null!;

    private string Address => $"unix:{Path.Combine(_folder, "s.sock")}";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("mp").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_call_is_a_span_of_its_callers_trace()
    {
        List<Activity> spans = [];
        using (TracerProvider provider = Sdk
            .CreateTracerProviderBuilder()
            .AddMultiprocessInstrumentation()
            .AddInMemoryExporter(spans)
            .Build())
        using (IpcServer.Listen<IClosable>(Address, _ => new Closable()))
        using (var connection = IpcConnection.Connect<IClosable>(Address))
        using (Activity caller = new Activity("caller") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start())
        {
            connection.Root.Answer();

            Assert.That(provider.ForceFlush(), Is.True);
            Assert.That(
                () => spans
                    .FindAll(span => span.TraceId == caller.TraceId)
                    .ConvertAll(span => (span.DisplayName, span.Kind, span.ParentSpanId)),
                Is.EqualTo([("Multiprocess.Hosting.Tests.IClosable/Answer", ActivityKind.Server, caller.SpanId)]).After(
                    (int)Bounds.Time.TotalMilliseconds, 10));
        }
    }

    [Test]
    public void Calls_and_connections_are_metrics()
    {
        List<Metric> metrics = [];
        using MeterProvider provider = Sdk
            .CreateMeterProviderBuilder()
            .AddMultiprocessInstrumentation()
            .AddInMemoryExporter(metrics)
            .Build();
        using var server = IpcServer.Listen<IClosable>(Address, _ => new Closable());
        using var connection = IpcConnection.Connect<IClosable>(Address);

        connection.Root.Answer();

        Assert.That(provider.ForceFlush(), Is.True);
        Assert.That(
            metrics.Select(metric => metric.Name),
            Has.Member("multiprocess.calls").And.Member(
                "multiprocess.call.duration").And.Member("multiprocess.connections"));
    }
}
