using System.CommandLine;
using System.Text.Json.Nodes;
using Multiprocess.Objects;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary><c>call</c>: calls one method of a server's root.</summary>
internal static class CallCommand
{
    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var method = new Argument<string>("method")
        {
            Description =
                "A method or a property. The name of a property alone reads it; a value after the name writes it.",
        };
        var words = new Argument<string[]>("arguments")
        {
            Description =
                "The arguments, in order: numbers, texts, names of enums, true, false, null, and JSON for "
                    + "everything else.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = new Option<string?>(CommonOptions.ArgumentsName)
        {
            Description = "The arguments as JSON: an object with their names, or an array. --json takes them too.",
        };
        var command = new Command(
            "call",
            "Calls a method of a server's root and prints what it returns. Options go before '--'; arguments that "
                + "begin with '-' go after it.")
        {
            common.Address,
            method,
            words,
            json,
        };
        common.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommonOptions.GuardAsync(
            console,
            common.IsJson(parsed),
            () => Run(
                console,
                common.IsJson(parsed),
                common.AddressOf(parsed),
                common.ConnectionOptions(parsed),
                parsed.GetValue(method)!,
                new CallArguments(parsed.GetValue(words)!, parsed.GetValue(json)),
                cancellationToken)));
        return command;
    }

    private static int Run(
        ToolConsole console,
        bool isJson,
        IpcAddress address,
        IpcConnectionOptions options,
        string method,
        CallArguments arguments,
        CancellationToken cancellationToken)
    {
        Inspection.Described described = DescribeCommand.Ask(address, options);
        using Session session = NoServerException.Unless(address, () => Session.Open(address, options, described));
        var printer = new CallPrinter(console, isJson, session);
        printer.Call(ExportTable.RootHandle, method, arguments, cancellationToken);
        return ExitCode.Done;
    }
}
