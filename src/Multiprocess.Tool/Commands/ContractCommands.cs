extern alias contracts;
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Schemas;
using ContractsCommandLine = contracts::Multiprocess.Contracts.Tool.CommandLine;

namespace Multiprocess.Tool.Commands;

/// <summary>
/// <c>baseline</c>, <c>check</c> and <c>capnp</c>: read the contracts of a project or an assembly, without a server.
/// </summary>
internal static class ContractCommands
{
    public static Command CreateBaseline(ToolConsole console)
        => Create(console, "baseline", "Writes the baseline: what peers of other versions rely on.");

    public static Command CreateCheck(ToolConsole console)
        => Create(
            console,
            "check",
            "Compares contracts with their baseline. Exits with 1 if a peer of the earlier version would be refused.");

    public static Command CreateCapnp(ToolConsole console)
        => Create(console, "capnp", "Writes the contracts as a Cap'n Proto schema; without a file, to the terminal.");

    private static Command Create(ToolConsole console, string verb, string description)
    {
        var common = new CommonOptions();
        var source = new Argument<string>("source")
        {
            Description = "A project or its folder, which is built first, or an assembly.",
        };
        var file = new Argument<string?>("file")
        {
            Description = verb == "capnp"
                ? "Where to write."
                : "The baseline. Default for a project: the one that it names (MultiprocessBaseline), or "
                    + "contracts.txt beside the project.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var references = new Option<string?>("--references")
        {
            Description = "A file with the paths of the assemblies that the assembly refers to, one on each line.",
        };
        var baseline = new Option<string?>("--baseline")
        {
            Description = "The file from which the order of methods and values is taken.",
        };
        var command = new Command(verb, description) { source, file, references };
        if (verb == "capnp")
        {
            command.Options.Add(baseline);
        }

        var schema = new Option<string?>("--capnp")
        {
            Description =
                "Compares the contracts that have [CapnpInterface] with this Cap'n Proto schema, not with a baseline.",
        };
        var imports = new Option<string[]>("--import-path", "-I")
        {
            Description = "A folder where an import of the schema looks. May be given several times.",
            DefaultValueFactory = _ => [],
        };
        if (verb == "check")
        {
            command.Options.Add(schema);
            command.Options.Add(imports);
        }

        common.AddTo(command, connects: false);
        command.SetAction(parsed => CommonOptions.Guard(console, common.IsJson(parsed), () =>
            verb == "check" && parsed.GetValue(schema) is { } against
            ? CheckSchema(
                console,
                common.IsJson(parsed),
                parsed.GetValue(source)!,
                parsed.GetValue(references),
                CapnpCompiler.Compile(against, parsed.GetValue(imports)!))
            : Run(
            console,
            common.IsJson(parsed),
            verb,
            parsed.GetValue(source)!,
            parsed.GetValue(file),
            parsed.GetValue(references),
            verb == "capnp" ? parsed.GetValue(baseline) : null)));
        return command;
    }

    private static int CheckSchema(
        ToolConsole console, bool isJson, string source, string? references, byte[] request)
    {
        (string assembly, string? baseline, IReadOnlyList<string>? referenced) = AssemblyOf(source);
        string? list = null;
        try
        {
            if (references is null && referenced is not null)
            {
                list = Path.GetTempFileName();
                File.WriteAllLines(list, referenced);
            }

            using var text = new StringWriter();
            string? found = references ?? list;
            string[] options =
                [
                    .. found is null ? Array.Empty<string>() : ["--references", found],
                    .. baseline is null || !File.Exists(baseline) ? Array.Empty<string>() : ["--baseline", baseline],
                ];
            int code = ContractsCommandLine.Run(
                ["layout", assembly, .. options],
                text,
                console.Errors);
            if (code != ExitCode.Done)
            {
                return code;
            }

            string[] lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string[] differences = [.. SchemaCheck.Compare(lines, request)];
            code = differences.Any(line => line.StartsWith("breaks", StringComparison.Ordinal))
                ? ExitCode.No
                : ExitCode.Done;
            if (isJson)
            {
                console.Json(new JsonObject
                {
                    ["exitCode"] = code,
                    ["differences"] = new JsonArray([.. differences.Select(line => (JsonNode)line)]),
                });
                return code;
            }

            foreach (string line in differences)
            {
                console.Output.WriteLine(IpcText.Escape(line, int.MaxValue));
            }

            return code;
        }
        finally
        {
            if (list is not null)
            {
                File.Delete(list);
            }
        }
    }

    private static int Run(
        ToolConsole console,
        bool isJson,
        string verb,
        string source,
        string? file,
        string? references,
        string? baseline)
    {
        (string assembly, string? own, IReadOnlyList<string>? referenced) = AssemblyOf(source);
        string? list = null;
        try
        {
            if (references is null && referenced is not null)
            {
                list = Path.GetTempFileName();
                File.WriteAllLines(list, referenced);
            }

            return Run(console, isJson, verb, source, file, references ?? list, baseline, assembly, own);
        }
        finally
        {
            if (list is not null)
            {
                File.Delete(list);
            }
        }
    }

    private static int Run(
        ToolConsole console,
        bool isJson,
        string verb,
        string source,
        string? file,
        string? references,
        string? baseline,
        string assembly,
        string? own)
    {
        if (verb == "capnp")
        {
            baseline ??= own is not null && File.Exists(own) ? own : null;
        }
        else
        {
            file ??= own
                ?? throw new InputException(
                    $"{verb} {IpcText.Escape(source)}: Expected the file of the baseline behind an assembly, got "
                        + $"none.");
        }

        string[] args =
        [
            verb, assembly, .. file is null ? Array.Empty<string>() : [file],
            .. references is null ? Array.Empty<string>() : ["--references", references],
            .. baseline is null ? Array.Empty<string>() : ["--baseline", baseline],
        ];
        if (!isJson)
        {
            return ContractsCommandLine.Run(args, console.Output, console.Errors);
        }

        using var text = new StringWriter();
        int code = ContractsCommandLine.Run(args, text, console.Errors);
        string[] lines = text.ToString().Split(
            '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        console.Json(new JsonObject
        {
            ["exitCode"] = code,
            [verb == "check" ? "differences" : "lines"] = new JsonArray([.. lines.Select(line => (JsonNode)line)]),
        });
        return code;
    }

    /// <summary>
    /// The assembly, the baseline that a project names, and the assemblies that it refers to. The packages of a library
    /// are not beside the library.
    /// </summary>
    private static (string Assembly, string? Baseline, IReadOnlyList<string>? References) AssemblyOf(string source)
    {
        if (source.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            || source.EndsWith(".exe", StringComparison.OrdinalIgnoreCase))
        {
            return (source, null, null);
        }

        string? project = Directory.Exists(source)
            ? Directory.EnumerateFiles(source, "*.csproj").Order(StringComparer.Ordinal).FirstOrDefault()
            : source;
        if (project is null || !File.Exists(project))
        {
            throw new InputException(
                $"{IpcText.Escape(source)}: Expected a project, its folder or an assembly, got none of them.");
        }

        // Does not check the baseline: the user may want to see a break, or to accept it.
        Dotnet("build", project, "--verbosity", "quiet", "-p:MultiprocessBaseline=");
        string assembly = Dotnet("msbuild", project, "-getProperty:TargetPath").Trim();
        string named = Dotnet("msbuild", project, "-getProperty:MultiprocessBaseline").Trim();
        JsonNode? items = JsonNode.Parse(Dotnet("msbuild", project, "-t:ResolveReferences", "-getItem:ReferencePath"));
        string[] references =
            [
                .. (items?["Items"]?["ReferencePath"]?.AsArray() ?? [])
                    .Select(item => item?["FullPath"]?.GetValue<string>())
                    .OfType<string>()
                    .Distinct(),
            ];
        string folder = Path.GetDirectoryName(Path.GetFullPath(project))!;
        return (assembly, Path.Combine(folder, named.Length == 0 ? "contracts.txt" : named), references);
    }

    private static string Dotnet(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        using Process process = Process.Start(start) ?? throw new InputException("dotnet cannot be started.");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InputException($"dotnet {args[0]} {args[1]} failed:\n{output}{errors.Result}");
    }
}
