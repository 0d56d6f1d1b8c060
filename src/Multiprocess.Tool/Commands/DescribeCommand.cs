using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary><c>describe</c>: what a server serves, as C#.</summary>
internal static class DescribeCommand
{
    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var command = new Command(
            "describe",
            "Prints what a server serves as C#, with all types that it mentions. With --json also its text as the "
                + "protocol has it.")
        {
            common.Address,
        };
        common.AddTo(command);
        command.SetAction(
            parsed => CommonOptions.Guard(
                console,
                common.IsJson(parsed),
                () => Run(console, common.IsJson(parsed), common.AddressOf(parsed), common.ConnectionOptions(parsed))));
        return command;
    }

    /// <summary>What a server serves.</summary>
    /// <exception cref="NoServerException">Nobody is there, or does not answer.</exception>
    public static Inspection.Described Ask(IpcAddress address, IpcConnectionOptions options)
        => NoServerException.Unless(address, () =>
        {
            using Inspection inspection = Inspection.Open(address, options);
            Inspection.Described described = inspection.Describe();
            return described.Text.Length > 0
                ? described
                : throw new IpcException(
                    IpcErrorKind.MethodMissing,
                    $"{described.Contract} has no description: its code was made by an earlier generator.");
        });

    private static int Run(ToolConsole console, bool isJson, IpcAddress address, IpcConnectionOptions options)
    {
        Inspection.Described described = Ask(address, options);
        var book = new ContractBook(described.Text);
        if (!isJson)
        {
            console.Line($"// {described.Contract}, served at {address}");
            console.Line(CSharpWriter.Write(book).TrimEnd('\n'));
            return ExitCode.Done;
        }

        IEnumerable<Method> methods = book.FindContract(described.Contract)?.Methods ?? [];
        console.Json(new JsonObject
        {
            ["contract"] = described.Contract,
            ["fingerprint"] = described.Fingerprint.ToString("x16", CultureInfo.InvariantCulture),
            ["csharp"] = CSharpWriter.Write(book),
            ["description"] = described.Text,
            ["methods"] = new JsonArray([.. methods.Select(method => (JsonNode)new JsonObject
            {
                ["id"] = method.Id,
                ["name"] = method.Name,
                ["signature"] = CSharpWriter.Signature(book, method),
            })]),
        });
        return ExitCode.Done;
    }
}
