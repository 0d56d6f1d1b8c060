using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Peers.Peers;

namespace Multiprocess.Peers;

/// <summary>Measures Multiprocess beside other libraries. It is its own servers, a process for each.</summary>
internal static class Program
{
    private const string Client = "client";

    private static int Main(string[] args)
        => MultiprocessPeer.TryServe(args, out int exitCode) ? exitCode
            : args is [StreamJsonRpcPeer.Argument, var rpc] ? Serve(() => StreamJsonRpcPeer.ServeAsync(rpc))
            : args is [GrpcPeer.Argument, var grpc] ? Serve(() => GrpcPeer.ServeAsync(grpc))
            : args is [Http2Peer.Argument, var http] ? Serve(() => Http2Peer.ServeAsync(http))
            : Measure(args);

    private static int Serve(Func<Task<int>> serve) => serve().GetAwaiter().GetResult();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Measure(string[] args)
    {
        Option<bool> quick = new("--quick")
        {
            Description = "In about a minute instead of ten, and less exact.",
            Recursive = true,
        };
        Option<bool> sweep = new("--sweep")
        {
            Description = "Also 1, 2, 4, 8 and 32 threads, which the plot shows.",
            Recursive = true,
        };
        Option<string?> json = new("--json")
        {
            Description = "A file for one object per line and figure, from which the plot is drawn.",
            Recursive = true,
        };
        Command client = new(Client, "The process that measures.") { Hidden = true };
        const string does = "Measures calls between two processes beside StreamJsonRpc, gRPC and HTTP/2, all on Unix "
            + "sockets. Prints a table in Markdown.";
        RootCommand command = new(does) { quick, sweep, json, client };

        // Hot code is compiled for good at once, as WarmUp says: that is a setting of the process, so it starts anew.
        command.SetAction(_ => StartClient(args));
        client.SetAction(parsed =>
        {
            List<Reading> readings = [];
            using StreamWriter? lines = parsed.GetValue(json) is { } path ? new StreamWriter(path) : null;
            new Bench(parsed.GetValue(quick) ? Effort.Quick : Effort.Full, parsed.GetValue(sweep), reading =>
            {
                readings.Add(reading);
                lines?.WriteLine(reading.ToJson());
                Console.Error.WriteLine($"{reading.Peer}: {reading.Figure}");
            }).Run();
            Console.WriteLine(Tables.Markdown(readings));
            return 0;
        });
        return command.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static int StartClient(string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Client, .. args]);
        start.Environment[WarmUp.Variable] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
