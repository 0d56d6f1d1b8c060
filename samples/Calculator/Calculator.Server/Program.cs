using System.Runtime.InteropServices;
using Calc;
using Multiprocess;

string address = args.Length > 0 ? args[0] : "unix:calc.sock";
using var server = IpcServer.Listen<ICalculator>(address, connection => new Calculator());
using var stop = new ManualResetEventSlim();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Console.WriteLine($"Serving at {server.Address}; Ctrl-C ends it.");
stop.Wait();
await server.ShutdownAsync(TimeSpan.FromSeconds(5));
Console.WriteLine("Goodbye.");
return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Set();
}
