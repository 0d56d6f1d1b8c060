using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Introspection;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Servers;
using Multiprocess.Tool.Sessions;
using Spectre.Console;

namespace Multiprocess.Tool.Commands;

/// <summary><c>waiting</c> and <c>leaks</c>: show who waits for whom, and which objects are held.</summary>
internal static class WaitingCommand
{
    public static Command CreateWaiting(ToolConsole console)
    {
        var common = new CommonOptions();
        var targets = new Argument<string[]>("target")
        {
            Description = "Addresses, or ids of processes. Default: all servers of this user.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "waiting",
            "Shows who waits for whom: the threads and asynchronous calls of servers' processes, with the calls that "
                + "they are in the middle of.")
        {
            targets,
        };
        common.AddTo(command);
        command.SetAction(
            parsed => CommonOptions.Guard(
                console,
                common.IsJson(parsed),
                () => Waiting(
                    console, common.IsJson(parsed), parsed.GetValue(targets)!, common.ConnectionOptions(parsed))));
        return command;
    }

    public static Command CreateLeaks(ToolConsole console)
    {
        var common = new CommonOptions();
        var target = new Argument<string>("target") { Description = "The server's address, or the id of its process." };
        var older = new Option<double>("--older")
        {
            Description = "Shows only objects that have lived at least this many seconds.",
            DefaultValueFactory = _ => 0,
        };
        var top = new Option<int>("--top")
        {
            Description = "The most objects to show, oldest first.",
            DefaultValueFactory = _ => 20,
        };
        var command = new Command(
            "leaks",
            "Shows live objects of a server's process by contract, and the oldest objects with their age and, if the server "
                + "records it (CaptureCreationStacks), the stack that created them.")
        {
            target,
            older,
            top,
        };
        common.AddTo(command);
        command.SetAction(parsed => CommonOptions.Guard(console, common.IsJson(parsed), () => Leaks(
            console,
            common.IsJson(parsed),
            MonitorCommand.AddressOf(parsed.GetValue(target)!),
            common.ConnectionOptions(parsed),
            TimeSpan.FromSeconds(parsed.GetValue(older)),
            parsed.GetValue(top))));
        return command;
    }

    private static int Waiting(ToolConsole console, bool isJson, string[] targets, IpcConnectionOptions options)
    {
        bool isAll = targets.Length == 0;
        IpcAddress[] addresses = isAll
            ? [.. ServerFinder.Find([]).Select(IpcAddress.Unix)]
            : [.. targets.Select(MonitorCommand.AddressOf)];
        var seen = new HashSet<long>();
        int shown = 0;
        foreach (IpcAddress address in addresses)
        {
            try
            {
                using Inspection inspection = NoServerException.Unless(
                    address, () => Inspection.Open(address, options));
                long process = NoServerException.Unless(address, inspection.Process).Number(0);

                // A process may have several servers. Each answers for the whole process.
                if (seen.Add(process))
                {
                    shown += Show(console, isJson, process, inspection);
                }
            }
            catch (NoServerException exception) when (isAll)
            {
                console.Errors.WriteLine(IpcText.Escape(exception.Message));
            }
        }

        if (shown == 0 && !isJson)
        {
            console.Line("Nobody waits.");
        }

        return ExitCode.Done;
    }

    private static int Show(ToolConsole console, bool isJson, long process, Inspection inspection)
    {
        int shown = 0;
        foreach (AnswerRow chain in inspection.Calls(Inspection.MostRows).Rows(1))
        {
            AnswerRow[] steps = [.. chain.Rows(1)];

            // Leaves out the question itself, which is a running call.
            if (steps.All(step => step.Text(3).StartsWith(IntrospectionStub.ContractName, StringComparison.Ordinal)))
            {
                continue;
            }

            shown++;
            string? thread = chain.TextOrNull(0);
            if (isJson)
            {
                console.Json(new JsonObject
                {
                    ["process"] = process,
                    ["thread"] = thread,
                    ["calls"] = new JsonArray([.. steps.Select(step => (JsonNode)new JsonObject
                    {
                        ["peer"] = step.Number(1),
                        ["request"] = step.Number(2),
                        ["method"] = step.Text(3),
                        ["waits"] = step.Flag(4),
                        ["ageMilliseconds"] = step.NumberOrNull(5),
                    })]),
                });
                continue;
            }

            console.Line($"process {process}, {(thread is null ? "asynchronous" : "thread " + thread)}:");
            foreach (AnswerRow step in steps)
            {
                string age = step.NumberOrNull(5) is { } milliseconds
                    ? string.Create(CultureInfo.InvariantCulture, $" ({milliseconds / 1000.0:0.0##} s)")
                    : "";
                console.Line(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {(step.Flag(4) ? "waits for" : "runs")} #{step.Number(2)} {step.Text(3)} "
                            + $"{(step.Flag(4) ? "of" : "for")} process {step.Number(1)}{age}"));
            }
        }

        return shown;
    }

    private static int Leaks(
        ToolConsole console, bool isJson, IpcAddress address, IpcConnectionOptions options, TimeSpan older, int top)
    {
        AnswerRow answer = NoServerException.Unless(address, () =>
        {
            using Inspection inspection = Inspection.Open(address, options);
            return inspection.Objects(Inspection.MostRows);
        });
        AnswerRow[] kinds = [.. answer.Rows(1).Where(row => row.Text(0) != IntrospectionStub.ContractName)];
        AnswerRow[] oldest =
            [
                .. answer.Rows(2)
                    .Where(
                        row
                            => row.Text(1) != IntrospectionStub.ContractName
                                && row.Number(5) >= older.TotalMilliseconds)
                    .Take(Math.Max(0, top)),
            ];
        if (isJson)
        {
            console.Json(new JsonObject
            {
                ["contracts"] = new JsonArray([.. kinds.Select(row => (JsonNode)new JsonObject
                {
                    ["contract"] = row.Text(0),
                    ["exported"] = row.Flag(1),
                    ["count"] = row.Number(2),
                })]),
                ["oldest"] = new JsonArray([.. oldest.Select(row => (JsonNode)new JsonObject
                {
                    ["connection"] = row.Number(0),
                    ["contract"] = row.Text(1),
                    ["handle"] = row.Number(2),
                    ["exported"] = row.Flag(3),
                    ["references"] = row.Number(4),
                    ["ageMilliseconds"] = row.Number(5),
                    ["stack"] = row.TextOrNull(6),
                })]),
            });
            return ExitCode.Done;
        }

        Table table = ToolConsole.Table("contract", "whose", "objects");
        foreach (AnswerRow row in kinds)
        {
            table.AddRow(
                ToolConsole.Cell(row.Text(0)),
                ToolConsole.Cell(row.Flag(1) ? "its own, held by peers" : "of peers, held by it"),
                ToolConsole.Cell(row.Number(2)));
        }

        console.People.Write(table);
        foreach (AnswerRow row in oldest)
        {
            console.Line(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Text(1)} #{row.Number(2)} of connection {row.Number(0)}: "
                        + $"{(row.Flag(3) ? "its own" : "a peer's")}, {row.Number(4)} references, "
                        + $"{row.Number(5) / 1000.0:0.#} s old"));
            if (row.TextOrNull(6) is { } stack)
            {
                console.Line(stack);
            }
        }

        return ExitCode.Done;
    }
}
