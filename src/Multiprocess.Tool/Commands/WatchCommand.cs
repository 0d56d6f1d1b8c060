using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Objects;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary><c>watch</c>: prints events of a server's root, or the calls back of a method, as they come.</summary>
internal static class WatchCommand
{
    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var member = new Argument<string?>("member")
        {
            Description = "An event, or a method that takes delegates. Default: all events of the root.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var words = new Argument<string[]>("arguments")
        {
            Description = "The arguments of a method.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var limits = new WatchLimits();
        var json = new Option<string?>(CommonOptions.ArgumentsName) { Description = "The arguments as JSON." };
        var command = new Command(
            "watch", "Prints events of a server's root, or the calls back of a method, as they come. Ends with Ctrl-C.")
        {
            common.Address,
            member,
            words,
            json,
        };
        limits.AddTo(command);
        common.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommonOptions.GuardAsync(console, common.IsJson(parsed), () =>
        {
            IpcAddress address = common.AddressOf(parsed);
            IpcConnectionOptions options = common.ConnectionOptions(parsed);
            Inspection.Described described = DescribeCommand.Ask(address, options);
            using Session session = NoServerException.Unless(address, () => Session.Open(address, options, described));
            var printer = new CallPrinter(console, common.IsJson(parsed), session);
            Begin(
                session,
                printer,
                parsed.GetValue(member),
                new CallArguments(parsed.GetValue(words)!, parsed.GetValue(json)),
                cancellationToken);
            limits.Listen(parsed, console, session, printer, cancellationToken);
            return ExitCode.Done;
        }));
        return command;
    }

    /// <summary>Adds handlers that print to events, or calls a method.</summary>
    public static void Begin(
        Session session,
        CallPrinter printer,
        string? member,
        CallArguments arguments,
        CancellationToken cancellationToken)
    {
        Contract root = session.Root;
        Method[] events =
            [
                .. root.Methods.Where(
                    method => method.Accessor == Accessor.Add && (member is null || method.MemberName == member)),
            ];
        if (events.Length == 0 && member is not null)
        {
            printer.Call(ExportTable.RootHandle, member, arguments, cancellationToken);
            return;
        }

        if (events.Length == 0)
        {
            throw new InputException($"{root.Name}: Expected a contract with events, or a method, got neither.");
        }

        foreach (Method add in events)
        {
            session.Call(
                ExportTable.RootHandle,
                add,
                new Dictionary<string, JsonNode?> { [add.Parameters[0].Name] = JsonValue.Create(add.MemberName) },
                cancellationToken);
        }
    }
}

/// <summary>How long to watch.</summary>
internal sealed class WatchLimits
{
    private readonly Option<double?> _seconds = new("--for") { Description = "Ends after this many seconds." };
    private readonly Option<int?> _count = new("--count") { Description = "Ends after this many lines." };

    public void AddTo(Command command)
    {
        command.Options.Add(_seconds);
        command.Options.Add(_count);
    }

    /// <summary>The most lines; null for no limit.</summary>
    public int? Count(ParseResult parsed)
        => parsed.GetValue(_count) is { } count && count < 1
            ? throw new InputException($"--count: Expected at least 1, got {count}.")
            : parsed.GetValue(_count);

    /// <summary>A token that Ctrl-C cancels, and the end of the time.</summary>
    public CancellationTokenSource Until(ParseResult parsed, CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (parsed.GetValue(_seconds) is { } seconds)
        {
            source.CancelAfter(
                seconds > 0 && seconds < 1e6
                    ? TimeSpan.FromSeconds(seconds)
                    : throw new InputException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"--for: Expected from 0 to 1,000,000 seconds, got {seconds}.")));
        }

        return source;
    }

    /// <summary>Answers calls of the server until a limit is reached.</summary>
    public void Listen(
        ParseResult parsed,
        ToolConsole console,
        Session session,
        CallPrinter printer,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource until = Until(parsed, cancellationToken);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(until.Token);
        int? most = Count(parsed);
        printer.WhenCalled = calls =>
        {
            if (calls >= most)
            {
                enough.Cancel();
            }
        };
        if (printer.Calls >= most)
        {
            return;
        }

        if (console.IsTerminal)
        {
            console.Errors.WriteLine("Watching; Ctrl-C ends it.");
        }

        session.Listen(Timeout.InfiniteTimeSpan, enough.Token);
    }
}
