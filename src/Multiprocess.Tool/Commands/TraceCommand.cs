using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary><c>trace</c>: prints the messages of a server's process as they cross.</summary>
internal static class TraceCommand
{
    private const int AtOnce = 1_000;

    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var limits = new WatchLimits();
        var command = new Command(
            "trace",
            "Prints the messages of a server's process as they cross, in words. Calls with sensitive values "
                + "are shown without any values.")
        {
            common.Address,
        };
        limits.AddTo(command);
        common.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommonOptions.GuardAsync(console, common.IsJson(parsed), () =>
        {
            IpcAddress address = common.AddressOf(parsed);
            IpcConnectionOptions options = common.ConnectionOptions(parsed);
            using CancellationTokenSource until = limits.Until(parsed, cancellationToken);
            int most = limits.Count(parsed) ?? int.MaxValue;
            using Inspection inspection = NoServerException.Unless(address, () => Inspection.Open(address, options));
            var text = new MessageText(new ContractBook(NoServerException.Unless(address, inspection.Describe).Text));

            // The first question begins the trace, and does not wait for messages.
            inspection.Trace(0, until.Token);
            if (console.IsTerminal)
            {
                console.Errors.WriteLine("Tracing; Ctrl-C ends it.");
            }

            int shown = 0;
            while (shown < most && inspection.Trace(Math.Min(AtOnce, most - shown), until.Token) is { } answer)
            {
                if (answer.Number(0) > 0)
                {
                    console.Errors.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{answer.Number(0)} messages came too fast and are not shown."));
                }

                foreach (AnswerRow row in answer.Rows(1))
                {
                    shown++;
                    Show(console, common.IsJson(parsed), text, row);
                }
            }

            return ExitCode.Done;
        }));
        return command;
    }

    private static void Show(ToolConsole console, bool isJson, MessageText text, AnswerRow row)
    {
        string method = row.TextOrNull(6) ?? row.Number(7).ToString("x8", CultureInfo.InvariantCulture);
        var time = DateTime.UnixEpoch.AddTicks(row.Number(0));
        var said = new JsonObject
        {
            ["message"] = row.Text(3),
            ["request"] = row.Number(4),
            ["method"] = $"{row.Text(5)}.{method}",
        };
        if (row.Bytes(9) is { } frame)
        {
            text.Add(said, frame, row.Text(5), (uint)row.Number(7));
            said["method"] = $"{row.Text(5)}.{method}";
        }
        else
        {
            said["hidden"] = "values not shown";
        }

        if (isJson)
        {
            said["time"] = time.ToString("O", CultureInfo.InvariantCulture);
            said["connection"] = row.Number(1);
            said["peer"] = row.Number(2);
            said["bytes"] = row.Number(8);
            console.Json(said);
        }
        else
        {
            console.LineNow(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{time:HH:mm:ss.ffffff} {row.Number(1)} process {row.Number(2)}: {MessageText.Line(said)}"));
        }
    }
}
