using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>Calls of other shapes, as multiples of a plain one.</summary>
internal static class Shapes
{
    public static void Measure(Session session)
    {
        IBenchmark root = session.Server.Root;
        byte[] bytes = new byte[1024];
        int calls = session.Effort.Scale * 2000;
        Timing[] timings = Comparison.Run(
            session.Effort,
            processorSeconds: null,
            Subject.Blocking(calls, () => root.Add(2, 3)),
            Subject.Blocking(calls, () => root.Nest(1)),
            Subject.Blocking(calls / 4, () => root.Nest(10)),
            Subject.Blocking(calls, () => root.EchoArray(bytes)),
            Subject.Blocking(calls, () => root.MakeNode().Dispose()));

        double plain = timings[0].P50;
        string[] names = ["callback", "nested-10", "call-1KiB", "objects"];
        foreach ((string name, Timing timing) in names.Zip(timings.Skip(1)))
        {
            session.Report(name, timing.P50, "µs", timing.P50 / plain);
        }
    }
}
