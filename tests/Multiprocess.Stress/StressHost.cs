using System.Runtime.InteropServices;

namespace Multiprocess.Stress;

/// <summary>A host as a service manager runs it: it serves whoever connects, and a signal ends it.</summary>
internal static class StressHost
{
    // Shorter than what the managers of services wait before they kill.
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(1);

    public static int Serve(string address, string? recordFolder, long waitingBytes)
    {
        using var server = IpcServer.Listen<IStress>(
            address,
            connection => new StressTarget(connection),
            new IpcServerOptions { RecordFolder = recordFolder, MaxUserWaitingBytes = waitingBytes });
        using var stop = new ManualResetEventSlim();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        Console.WriteLine($"serving at {server.Address}");
        stop.Wait();
        server.ShutdownAsync(s_drain).GetAwaiter().GetResult();
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Set();
        }
    }
}
