using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Servers;
using Multiprocess.Tool.Sessions;
using Spectre.Console;

namespace Multiprocess.Tool.Commands;

/// <summary><c>list</c>: lists the live servers of this user.</summary>
internal static class ListCommand
{
    // A server that does not answer at once is shown without the facts that only it knows.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private const int AtOnce = 16;

    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var directories = new Argument<string[]>("directory")
        {
            Description = "Further directories in which to search.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "list", "Lists the live servers of this user, with process, program, contract and connections.")
        {
            directories,
        };
        common.AddTo(command, connects: false);
        command.SetAction(
            parsed => CommonOptions.Guard(
                console,
                common.IsJson(parsed),
                () => Run(console, common.IsJson(parsed), parsed.GetValue(directories)!)));
        return command;
    }

    private static int Run(ToolConsole console, bool isJson, string[] directories)
    {
        IReadOnlyList<string> paths = ServerFinder.Find(directories);
        var rows = new Row?[paths.Count];
        Parallel.For(
            0, paths.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, i => rows[i] = Ask(paths[i]));
        Row[] live = [.. rows.OfType<Row>()];
        if (isJson)
        {
            foreach (Row row in live)
            {
                console.Json(row.ToJson());
            }

            return ExitCode.Done;
        }

        if (live.Length == 0)
        {
            console.Line("No server of this user listens.");
            return ExitCode.Done;
        }

        // In a narrow table, an address would stand on several lines, and nobody could copy it.
        if (live.Max(row => row.Width) > console.People.Profile.Width)
        {
            foreach (Row row in live)
            {
                console.Line(row.Address);
                foreach (string line in row.Details)
                {
                    console.Line($"  {line}");
                }
            }

            return ExitCode.Done;
        }

        Table table = ToolConsole.Table("address", "process", "program", "contract", "connections");
        foreach (Row row in live)
        {
            table.AddRow(
                ToolConsole.Cell(row.Address),
                ToolConsole.Cell(row.Process),
                ToolConsole.Cell(row.Program),
                ToolConsole.Cell(row.Contract),
                ToolConsole.Cell(row.Connections is { } count ? count : row.Why ?? ""));
        }

        console.People.Write(table);
        return ExitCode.Done;
    }

    /// <summary>Null for a socket on which nobody listens any more.</summary>
    private static Row? Ask(string path)
    {
        var address = IpcAddress.Unix(path);
        var options = new IpcConnectionOptions { ConnectTimeout = s_patience };
        try
        {
            using Inspection inspection = Inspection.Open(address, options);
            int process = inspection.Peer.ProcessId;
            try
            {
                AnswerRow about = inspection.Process();

                // Counts the connections of its clients. The connection that asks is not one of them.
                int connections = inspection
                    .Connections(Inspection.MostRows)
                    .Rows(1)
                    .Count(row => row.TextOrNull(4) == inspection.Serves);
                return new Row(
                    address.ToString(),
                    (int)about.Number(0),
                    about.TextOrNull(1),
                    inspection.Serves,
                    connections,
                    null);
            }
            catch (Exception exception) when (exception is IpcException or RemoteCallException)
            {
                return new Row(
                    address.ToString(), process, ProgramOf(process), inspection.Serves, null, "does not say");
            }
        }
        catch (IpcDisconnectedException)
        {
            return null;
        }
        catch (IpcException exception)
        {
            return new Row(address.ToString(), null, null, null, null, exception.Message);
        }
    }

    private static string? ProgramOf(int process)
    {
        try
        {
            return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/exe")).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Row(
        string Address, int? Process, string? Program, string? Contract, int? Connections, string? Why)
    {
        // Process, connections, and what is between the columns.
        private const int OtherColumns = 45;

        /// <summary>How many columns of a terminal the row of a table needs, about.</summary>
        public int Width
            => Address.Length + (Program?.Length ?? 0) + (Contract?.Length ?? 0) + (Why?.Length ?? 0) + OtherColumns;

        /// <summary>What stands below the address where there is no room for a table.</summary>
        public IEnumerable<string> Details
            =>
            [
                .. Contract is null ? [] : new[] { Contract },
                .. Program is null ? [] : new[] { Program },
                .. Process is { } process
                    ? new[]
                    {
                        string.Create(CultureInfo.InvariantCulture, $"process {process}")
                            + (Connections is { } count
                                ? string.Create(CultureInfo.InvariantCulture, $", connections {count}")
                                : ""),
                    }
                    : [],
                .. Why is null ? [] : new[] { Why },
            ];

        public JsonObject ToJson() => new()
        {
            ["address"] = Address,
            ["process"] = Process,
            ["program"] = Program,
            ["contract"] = Contract,
            ["connections"] = Connections,
            ["error"] = Why,
        };
    }
}
