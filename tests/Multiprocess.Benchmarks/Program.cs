using System.CommandLine;
using System.Runtime.CompilerServices;
using Multiprocess.Benchmarks.Figures;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks;

/// <summary>One program in all its parts: what is measured, what it is compared with, and what measures.</summary>
internal static class Program
{
    // First and by itself, because how soon it returns is the baseline of a figure.
    private static int Main(string[] args) => args is [Spawn.EmptyArgument] ? 0 : Start(args);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Start(string[] args)
        => Server.TryServe(args, out int exitCode) ? exitCode
            : args is [HttpServer.Argument, var directory] ? Serve(directory)
            : Measure(args);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Serve(string directory) => HttpServer.RunAsync(directory).GetAwaiter().GetResult();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Measure(string[] args)
    {
        Option<bool> quick =
            new("--quick") { Description = "In under a minute instead of ten, and less exact.", Recursive = true };
        Option<bool> sweep =
            new("--sweep") { Description = "Only what the plot shows: calls of 1 to 32 threads.", Recursive = true };
        Option<string[]> only = new(
            "--figures") { Description = $"Only these: {string.Join(", ", Figure.All.Select(figure => figure.Name))}.",
            AllowMultipleArgumentsPerToken = true,
            Recursive = true };
        only.AcceptOnlyFromAmong([.. Figure.All.Select(figure => figure.Name)]);
        Option<bool> json = new("--json") { Description = "One object per line and figure instead of a table." };
        Option<string?> native = new(
            "--native-worker") { Description = "The Calculator's worker as native code, for spawn-aot. ./eng/bench publishes it.",
            Recursive = true };
        Argument<string> placement = new("placement");
        Command client = new(Run.ClientCommand, "The client's process of one placement.") { placement };
        client.Hidden = true;
        RootCommand command = new("Measures calls between two processes beside a raw socket and HTTP.")
        {
            quick,
            sweep,
            only,
            json,
            native,
            client,
        };

        Run Read(ParseResult parsed) => new(
            parsed.GetValue(quick) ? Effort.Quick : Effort.Full,
            parsed.GetValue(
                sweep) ? [Figure.Sweep] : [.. Figure.All.Where(
                    figure => parsed.GetValue(only) is not { Length: > 0 } names || names.Contains(figure.Name))],
            parsed.GetValue(native));

        command.SetAction(parsed => Read(parsed).Everything(args, parsed.GetValue(json)));
        client.SetAction(parsed => Read(parsed).AsClient(Placement.Parse(parsed.GetValue(placement)!)));
        return command.Parse(args).Invoke();
    }
}
