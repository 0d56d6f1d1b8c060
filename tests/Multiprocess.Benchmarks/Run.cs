using System.Diagnostics;
using Multiprocess.Benchmarks.Figures;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Output;

namespace Multiprocess.Benchmarks;

/// <summary>
/// One run of the program: starts a client for each placement, which starts its servers, and collects what they read.
/// </summary>
internal sealed class Run(Effort effort, IReadOnlyList<Figure> figures, string? nativeWorker)
{
    public const string ClientCommand = "client";

    /// <summary>Measures in every placement and prints.</summary>
    /// <param name="args">The program's arguments; the clients get them too.</param>
    /// <param name="json">Whether to print lines as they come instead of a table.</param>
    public int Everything(string[] args, bool json)
    {
        List<Reading> readings = [];
        foreach (Placement placement in Placement.All())
        {
            if (!figures.Any(figure => figure.IsPlaced(placement, effort)))
            {
                continue;
            }

            using Process client = Affinity.Start(placement.ClientCore, () => StartClient(args, placement));
            while (client.StandardOutput.ReadLine() is { } line)
            {
                if (json)
                {
                    Console.WriteLine(line);
                }
                else
                {
                    readings.Add(Reading.FromJson(line));
                    Console.Error.WriteLine($"{placement.Name}: {readings[^1].Name}");
                }
            }

            client.WaitForExit();
            if (client.ExitCode != 0)
            {
                Console.Error.WriteLine($"Measuring in the placement {placement.Name} failed.");
                return 1;
            }
        }

        if (!json)
        {
            ReadingTable.Print(readings);
        }

        return 0;
    }

    /// <summary>Measures in one placement, to which this process is bound already, and prints lines.</summary>
    public int AsClient(Placement placement)
    {
        using Session session = new(placement, effort, nativeWorker, reading => Console.WriteLine(reading.ToJson()));
        foreach (Figure figure in figures.Where(figure => figure.IsPlaced(placement, effort)))
        {
            figure.Measure(session);
        }

        return 0;
    }

    private static Process StartClient(string[] args, Placement placement)
    {
        ProcessStartInfo start = new(
            Environment.ProcessPath!, [ClientCommand, placement.ToString(), .. args.Where(arg => arg != "--json")])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[WarmUp.Variable] = "0";
        return Process.Start(start)!;
    }
}
