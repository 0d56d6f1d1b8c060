using Microsoft.Win32.SafeHandles;
using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>A call that passes an open file, beside a call on the same connection that passes none.</summary>
internal static class Descriptors
{
    public static void Measure(Session session)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("multiprocess-bench-");
        try
        {
            string address = $"unix:{Path.Combine(folder.FullName, "handover.sock")}";
            session.Server.Root.ServeHandover(address);
            using IpcConnection<IHandover> connection = IpcConnection.Connect<IHandover>(address);
            using SafeFileHandle file = File.OpenHandle("/dev/null");
            IHandover root = connection.Root;
            int calls = session.Effort.Scale * 2000;
            Timing[] timings = Comparison.Run(
                session.Effort,
                processorSeconds: null,
                Subject.Blocking(calls, () => root.Add(2, 3)),
                Subject.Blocking(calls, () => root.Take(file)));

            session.Report("fd-pass", timings[1].P50, "µs", timings[1].P50 / timings[0].P50);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
