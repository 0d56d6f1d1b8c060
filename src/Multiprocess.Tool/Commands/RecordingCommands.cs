using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary><c>show</c> and <c>replay</c>: print a recording, or send it to a server.</summary>
internal static class RecordingCommands
{
    public static Command CreateShow(ToolConsole console)
    {
        var common = new CommonOptions();
        var file = new Argument<string>("file") { Description = "A recording, *.ipc.txt." };
        var contract = new Option<string?>("--contract")
        {
            Description =
                "A server's address, or a file with a description (describe --json), which gives the values their names. Without it, "
                    + "values are not shown, because some may be sensitive.",
        };
        var command = new Command(
            "show", "Prints a recording in words. Values that the contract marks as sensitive are masked.")
        {
            file,
            contract,
        };
        common.AddTo(command);
        command.SetAction(parsed => CommonOptions.Guard(console, common.IsJson(parsed), () =>
        {
            IpcTraffic traffic = Load(parsed.GetValue(file)!);
            string? source = parsed.GetValue(contract);
            ContractBook? book = source is null ? null
                : File.Exists(source)
                    && !source.EndsWith(".sock", StringComparison.Ordinal) ? new ContractBook(ReadDescription(source))
                : new ContractBook(
                    DescribeCommand.Ask(CommonOptions.ParseAddress(source), common.ConnectionOptions(parsed)).Text);
            Show(console, common.IsJson(parsed), traffic, new MessageText(book));
            return ExitCode.Done;
        }));
        return command;
    }

    public static Command CreateReplay(ToolConsole console)
    {
        var common = new CommonOptions();
        var file = new Argument<string>("file") { Description = "A recording, *.ipc.txt." };
        var command = new Command(
            "replay",
            "Sends what the client of a recording sent to a live server, and compares the answers. Exits with 1 if an "
                + "answer is missing or of another kind. The server runs the calls.")
        {
            file,
            common.Address,
        };
        common.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommonOptions.GuardAsync(console, common.IsJson(parsed), () =>
        {
            IpcTraffic traffic = Load(parsed.GetValue(file)!);
            IpcAddress address = common.AddressOf(parsed);
            return Replay(
                console, common.IsJson(parsed), traffic, address, common.ConnectionOptions(parsed), cancellationToken);
        }));
        return command;
    }

    private static IpcTraffic Load(string file)
    {
        try
        {
            return IpcTraffic.Load(file);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{IpcText.Escape(file)}: Expected a recording, got no file.", exception);
        }
    }

    /// <summary>The text of a description, plain or as a part of what <c>describe --json</c> writes.</summary>
    private static string ReadDescription(string file)
    {
        string text = File.ReadAllText(file);
        try
        {
            return text.TrimStart().StartsWith('{')
                && JsonNode.Parse(text)?["description"]?.GetValue<string>() is { } description
                ? description
                : text;
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new InputException($"{IpcText.Escape(file)}: {exception.Message}", exception);
        }
    }

    private static void Show(ToolConsole console, bool isJson, IpcTraffic traffic, MessageText text)
    {
        if (!isJson)
        {
            foreach (string comment in traffic.Comments)
            {
                console.Line($"# {IpcText.Escape(comment)}");
            }
        }

        foreach (IpcTrafficFrame frame in traffic.Frames)
        {
            JsonObject said;
            try
            {
                said = frame.IsAnyHello || frame.Bytes.Length < MessageFormat.LengthPrefix
                    ? new JsonObject { ["from"] = frame.IsFromClient ? "client" : "server", ["message"] = "Hello" }
                    : text.Read(frame.IsFromClient, frame.Bytes.Span[MessageFormat.LengthPrefix..]);
            }
            catch (IpcException exception)
            {
                said = new JsonObject
                {
                    ["from"] = frame.IsFromClient ? "client" : "server",
                    ["message"] = "malformed",
                    ["hidden"] = exception.Message,
                };
            }

            if (isJson)
            {
                console.Json(said);
            }
            else
            {
                console.Line($"{said["from"]!.GetValue<string>()}: {IpcText.Escape(MessageText.Line(said), 10_000)}");
            }
        }
    }

    private static int Replay(
        ToolConsole console,
        bool isJson,
        IpcTraffic traffic,
        IpcAddress address,
        IpcConnectionOptions options,
        CancellationToken cancellationToken)
    {
        MessageType[] expected =
            [
                .. traffic.Frames.Where(frame => !frame.IsFromClient && !frame.IsAnyHello)
                    .Select(TypeOf)
                    .Where(IsAnswer),
            ];
        List<MessageType> came = [];
        string? ended = null;
        using (WireConnection wire = NoServerException.Unless(
            address, ()
                => WireConnection.Open(address, options, server => (server.Serves ?? "", server.ServesFingerprint))))
        {
            int due = 0;
            try
            {
                foreach (IpcTrafficFrame frame in traffic.Frames)
                {
                    MessageType type = frame.IsAnyHello ? MessageType.Hello : TypeOf(frame);
                    if (!frame.IsFromClient)
                    {
                        due += IsAnswer(type) ? 1 : 0;
                    }
                    else if (type is not (MessageType.Hello or MessageType.Goodbye))
                    {
                        // Waits for as many messages as the client had received when it sent this one.
                        Hear(wire, came, due, options.ConnectTimeout, cancellationToken);
                        wire.SendFrame(frame.Bytes.Span);
                    }
                }

                Hear(wire, came, due, options.ConnectTimeout, cancellationToken);
            }
            catch (IpcException exception)
            {
                ended = exception.Message;
            }
        }

        int missing = Math.Max(0, expected.Length - came.Count);
        int differing = Differing(expected, came);
        if (isJson)
        {
            console.Json(new JsonObject
            {
                ["expected"] = expected.Length,
                ["answers"] = came.Count,
                ["missing"] = missing,
                ["differing"] = differing,
                ["ended"] = ended,
            });
        }
        else
        {
            console.Line(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{came.Count} of {expected.Length} answers, {missing} missing, {differing} of another "
                        + $"kind.{(ended is null ? "" : " " + ended)}"));
        }

        return missing == 0 && differing == 0 && ended is null ? ExitCode.Done : ExitCode.No;
    }

    /// <summary>
    /// The number of answers that are a result where an error was recorded, or the other way round. Answers to several
    /// threads arrive in any order.
    /// </summary>
    private static int Differing(MessageType[] expected, List<MessageType> came)
        => Math.Max(
            0, came.Count(type => type == MessageType.Error) - expected.Count(type => type == MessageType.Error))
            + Math.Max(
                0, came.Count(type => type == MessageType.Return) - expected.Count(type => type == MessageType.Return));

    private static void Hear(
        WireConnection wire, List<MessageType> came, int due, TimeSpan patience, CancellationToken cancellationToken)
    {
        while (came.Count < due && wire.Receive(patience, cancellationToken) is { } message)
        {
            if (message.Type == MessageType.Goodbye)
            {
                throw GoodbyeMessage.Read(message);
            }

            if (IsAnswer(message.Type))
            {
                came.Add(message.Type);
            }
        }
    }

    private static bool IsAnswer(MessageType type)
        => type is MessageType.Return or MessageType.Error or MessageType.Call;

    private static MessageType TypeOf(IpcTrafficFrame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Bytes.Span;
        return bytes.Length > MessageFormat.LengthPrefix + 1
            ? (MessageType)bytes[MessageFormat.LengthPrefix + 1]
            : (MessageType)byte.MaxValue;
    }
}
