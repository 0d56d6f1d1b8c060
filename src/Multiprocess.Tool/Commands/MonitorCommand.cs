using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Servers;
using Multiprocess.Tool.Sessions;
using Spectre.Console;

namespace Multiprocess.Tool.Commands;

/// <summary><c>monitor</c>: shows the calls of a server's process by method, repeatedly.</summary>
internal static class MonitorCommand
{
    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var target = new Argument<string>("target") { Description = "The server's address, or the id of its process." };
        var interval = new Option<double>("--interval")
        {
            Description = "Seconds between two updates, 0.1 to 3,600.",
            DefaultValueFactory = _ => 1,
        };
        var sort = new Option<string>("--sort")
        {
            Description = "What the methods are sorted by: rate, p50, p99 or name.",
            DefaultValueFactory = _ => "rate",
        };
        sort.AcceptOnlyFromAmong("rate", "p50", "p99", "name");
        var limits = new WatchLimits();
        var command = new Command(
            "monitor",
            "A live table of a server's process: calls a second, p50 and p99 by method, calls in flight, objects, "
                + "threads, bytes.")
        {
            target,
            interval,
            sort,
        };
        limits.AddTo(command);
        common.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommonOptions.GuardAsync(console, common.IsJson(parsed), () =>
        {
            double seconds = parsed.GetValue(interval);
            if (!(seconds >= 0.1 && seconds <= 3600))
            {
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"--interval: Expected from 0.1 to 3,600 seconds, got {seconds}."));
            }

            IpcAddress address = AddressOf(parsed.GetValue(target)!);
            IpcConnectionOptions options = common.ConnectionOptions(parsed);
            using Inspection inspection = NoServerException.Unless(address, () => Inspection.Open(address, options));
            using CancellationTokenSource until = limits.Until(parsed, cancellationToken);
            var before = NoServerException.Unless(address, () => Snapshot.Take(inspection));
            for (int count = 0; count < (limits.Count(parsed) ?? int.MaxValue)
                && !until.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(seconds)); count++)
            {
                var now = Snapshot.Take(inspection);
                Show(console, common.IsJson(parsed), address, now, before, parsed.GetValue(sort)!);
                before = now;
            }

            return ExitCode.Done;
        }));
        return command;
    }

    /// <summary>An address; for a number, the address of a server in the process with that id.</summary>
    public static IpcAddress AddressOf(string target)
    {
        if (!int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int process))
        {
            return CommonOptions.ParseAddress(target);
        }

        IReadOnlyList<string> paths = ServerFinder.OfProcess(process);
        return paths.Count > 0
            ? IpcAddress.Unix(paths[0])
            : throw new NoServerException(
                $"Process {process}: Expected a Unix socket on which it listens, got none.");
    }

    private static void Show(
        ToolConsole console, bool isJson, IpcAddress address, Snapshot now, Snapshot before, string sort)
    {
        MethodRow[] rows = [.. now.Since(before)];
        rows = sort switch
        {
            "p50" => [.. rows.OrderByDescending(row => row.P50)],
            "p99" => [.. rows.OrderByDescending(row => row.P99)],
            "name" => [.. rows.OrderBy(row => row.Name, StringComparer.Ordinal)],
            _ => [.. rows.OrderByDescending(row => row.Rate).ThenBy(row => row.Name, StringComparer.Ordinal)],
        };
        double seconds = Math.Max(0.001, (now.Milliseconds - before.Milliseconds) / 1000.0);
        if (isJson)
        {
            console.Json(new JsonObject
            {
                ["process"] = now.Process,
                ["connections"] = now.Connections,
                ["callsPerSecond"] = Math.Round(rows.Where(row => row.Role == "server").Sum(row => row.Rate), 3),
                ["inFlight"] = now.InFlight,
                ["objects"] = now.Objects,
                ["threads"] = now.Threads,
                ["workingSetBytes"] = now.WorkingSet,
                ["sentBytesPerSecond"] = Math.Round(Math.Max(0, now.Sent - before.Sent) / seconds),
                ["receivedBytesPerSecond"] = Math.Round(Math.Max(0, now.Received - before.Received) / seconds),
                ["processorPercent"] = Math.Round((now.Processor - before.Processor) / seconds / 10, 1),
                ["methods"] = new JsonArray([.. rows.Select(row => (JsonNode)row.ToJson())]),
            });
            return;
        }

        if (console.IsTerminal)
        {
            console.People.Clear();
        }

        console.Words(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{address}  process {now.Process}  {now.Connections} connections  {now.InFlight} in flight  "
                    + $"{now.Objects} objects  {now.Threads} threads  {now.WorkingSet / 1048576.0:0.#} MiB  cpu "
                    + $"{(now.Processor - before.Processor) / seconds / 10:0.#} %  out "
                    + $"{Math.Max(0, now.Sent - before.Sent) / seconds / 1024:0.#} KiB/s  in "
                    + $"{Math.Max(0, now.Received - before.Received) / seconds / 1024:0.#} KiB/s"));
        bool isNarrow = console.People.Profile.Width < 80;
        Table table = isNarrow
            ? ToolConsole.Table("method", "calls/s", "p99")
            : ToolConsole.Table("method", "side", "calls/s", "p50", "p99", "failed");
        foreach (MethodRow row in rows)
        {
            string name = isNarrow
                ? row.Name[(row.Name[..row.Name.LastIndexOf('.')].LastIndexOf('.') + 1)..]
                : row.Name;
            var color = row.Failed > 0 ? new Style(Color.Red) : row.Rate > 0 ? new Style(Color.Green) : Style.Plain;
            var colored = new Text(IpcText.Escape(name), color);
            if (isNarrow)
            {
                table.AddRow(colored, ToolConsole.Cell(Rate(row.Rate)), ToolConsole.Cell(Time(row.P99)));
            }
            else
            {
                table.AddRow(
                    colored,
                    ToolConsole.Cell(row.Role),
                    ToolConsole.Cell(Rate(row.Rate)),
                    ToolConsole.Cell(Time(row.P50)),
                    ToolConsole.Cell(Time(row.P99)),
                    ToolConsole.Cell(row.Failed));
            }
        }

        console.People.Write(table);
    }

    private static string Rate(double rate) => rate.ToString("N1", CultureInfo.InvariantCulture);

    private static string Time(double seconds) => seconds switch
    {
        0 => "",
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.#} µs"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s"),
    };
}
