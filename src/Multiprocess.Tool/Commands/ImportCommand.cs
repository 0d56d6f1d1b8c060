using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Schemas;

namespace Multiprocess.Tool.Commands;

/// <summary><c>import</c>: writes C# contracts from a Cap'n Proto schema.</summary>
internal static partial class ImportCommand
{
    public static Command Create(ToolConsole console)
    {
        var schema = new Argument<string>("schema") { Description = "The schema, a .capnp file." };
        var file = new Argument<string?>("file")
        {
            Description = "Where to write; without it, to the terminal.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var space = new Option<string?>("--namespace")
        {
            Description = "The namespace of the contracts. Default: the schema's name.",
        };
        var imports = new Option<string[]>("--import-path", "-I")
        {
            Description = "A folder where 'import \"/…\"' looks. May be given several times.",
            DefaultValueFactory = _ => [],
        };
        var common = new CommonOptions();
        var command = new Command(
            "import", "Writes C# contracts from a Cap'n Proto schema. Runs Cap'n Proto's compiler.")
        {
            schema, file, space, imports,
        };
        common.AddTo(command, connects: false);
        command.SetAction(parsed => CommonOptions.Guard(console, common.IsJson(parsed), () => Run(
            console,
            common.IsJson(parsed),
            parsed.GetValue(schema)!,
            parsed.GetValue(file),
            parsed.GetValue(space),
            parsed.GetValue(imports)!)));
        return command;
    }

    private static int Run(
        ToolConsole console, bool isJson, string schema, string? file, string? space, string[] imports)
    {
        space ??= Words().Replace(ImportedTypes.Pascal(Path.GetFileNameWithoutExtension(schema)), "_");
        string text = ContractImport.Write(CapnpCompiler.Compile(schema, imports), space, schema);
        if (file is not null)
        {
            File.WriteAllText(file, text);
        }

        if (isJson)
        {
            console.Json(new JsonObject { ["file"] = file, ["contracts"] = file is null ? text : null });
        }
        else if (file is null)
        {
            console.Output.Write(text);
        }

        return ExitCode.Done;
    }

    [GeneratedRegex(@"\W")]
    private static partial Regex Words();
}
