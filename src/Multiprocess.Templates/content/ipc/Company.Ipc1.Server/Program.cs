using System.Runtime.InteropServices;
using Multiprocess;
using Company.Ipc1;

using var stop = new ManualResetEventSlim();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);

using var server = IpcServer.Listen<IGreeter>(
    args is [var address] ? address : "unix:greeter.sock", connection => new Greeter());
Console.WriteLine($"Serving at {server.Address}; Ctrl-C ends it.");
stop.Wait();
await server.ShutdownAsync(TimeSpan.FromSeconds(5));

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Set();
}
