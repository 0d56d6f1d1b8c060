using Multiprocess.Contracts.Tool.Schema;
using Multiprocess.Generator.Baselines;

namespace Multiprocess.Contracts.Tool;

/// <summary>The commands of the tool. A build runs them; at a terminal, <c>eng/contracts</c> does.</summary>
internal static class CommandLine
{
    private const string Usage = """
        Usage: multiprocess-contracts <command> <assembly> [file] [options]

        Commands:
          baseline <assembly> <file>     write what peers of other versions rely on, in the order in which it was first seen
          check <assembly> <file>        compare with that; the exit code is 1 when a peer of the earlier version would be refused
          capnp <assembly> [file]        write the contracts as a Cap'n Proto schema; to the terminal without a file
          layout <assembly>              write where each value of the contracts for Cap'n Proto is

        Options:
          --baseline <file>              where 'capnp' takes the order of methods and values from
          --references <file>            a file with the paths of the assemblies that the assembly refers to, one on each line
        """;

    /// <summary>
    /// Runs a command and returns the exit code: 0, 1 for a broken baseline, 2 for a wrong command line or an assembly
    /// that cannot be read.
    /// </summary>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        var words = new List<string>();
        var options = new Dictionary<string, string>();
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] is "--baseline" or "--references" && i + 1 < args.Count)
            {
                options[args[i]] = args[++i];
            }
            else
            {
                words.Add(args[i]);
            }
        }

        try
        {
            return words switch
            {
                ["baseline", var assembly, var file] => WriteBaseline(Read(assembly, options), file),
                ["check", var assembly, var file] => Check(Read(assembly, options), file, output),
                ["capnp", var assembly] => WriteSchema(Read(assembly, options), options, output),
                ["layout", var assembly] => WriteLayout(assembly, options, output),
                ["capnp", var assembly, var file] => WriteSchema(Read(assembly, options), options, file),
                _ => Refuse(Usage, errors),
            };
        }
        catch (Exception exception) when (exception is IOException
            or UnauthorizedAccessException
            or InvalidDataException
            or BadImageFormatException)
        {
            return Refuse(IpcText.Escape(exception.Message), errors);
        }
    }

    private static int Refuse(string why, TextWriter errors)
    {
        errors.WriteLine(why);
        return 2;
    }

    private static ContractAssembly Read(string assembly, Dictionary<string, string> options)
        => ContractAssembly.Read(assembly, References(options));

    private static string[]? References(Dictionary<string, string> options)
        => options.TryGetValue("--references", out string? list) ? File.ReadAllLines(list) : null;

    private static int WriteLayout(string assembly, Dictionary<string, string> options, TextWriter output)
    {
        string? baseline = options.TryGetValue("--baseline", out string? file) ? File.ReadAllText(file) : null;
        foreach (string line in ContractAssembly.ReadLayout(assembly, References(options), baseline))
        {
            output.Write(line + "\n");
        }

        return 0;
    }

    private static int WriteBaseline(ContractAssembly assembly, string file)
    {
        WriteIfChanged(
            file, BaselineText.Write(BaselineText.Update(ReadBaseline(file, mustExist: false), assembly.Blocks)));
        return 0;
    }

    private static int Check(ContractAssembly assembly, string file, TextWriter output)
    {
        var before = ReadBaseline(file, mustExist: true);
        var differences = assembly.Blocks
            .SelectMany(block => BaselineRules.Compare(before.GetValueOrDefault(block.Name), block))
            .Concat(before.Values.Where(old => assembly.Blocks.All(block => block.Name != old.Name))
                .Select(gone => new Difference(
                    gone.IsContract, gone, null, $"{gone.Kind} '{gone.Name}'", $"'{gone.Head}'", "none")))
            .OrderByDescending(difference => difference.IsBreak)
            .ToList();
        foreach (var difference in differences)
        {
            string found =
                $"{difference.What}: expected {difference.Expected}, got "
                    + $"{difference.Found}{(difference.IsBreak ? "; " + difference.Consequence : "")}";
            output.WriteLine($"{(difference.IsBreak ? "breaks" : "differs")}: {IpcText.Escape(found, int.MaxValue)}");
        }

        return differences.Exists(difference => difference.IsBreak) ? 1 : 0;
    }

    private static int WriteSchema(ContractAssembly assembly, Dictionary<string, string> options, string file)
    {
        using var text = new StringWriter { NewLine = "\n" };
        WriteSchema(assembly, options, text);
        WriteIfChanged(file, text.ToString());
        return 0;
    }

    private static int WriteSchema(ContractAssembly assembly, Dictionary<string, string> options, TextWriter output)
    {
        var before = options.TryGetValue("--baseline", out string? file) ? ReadBaseline(file, mustExist: true) : [];
        output.Write(new SchemaWriter(assembly, [.. BaselineText.Update(before, assembly.Blocks)]).Write());
        return 0;
    }

    private static Dictionary<string, Block> ReadBaseline(string file, bool mustExist)
    {
        if (!mustExist && !File.Exists(file))
        {
            return [];
        }

        string text = File.ReadAllText(file);
        var blocks = BaselineText.Read(text, out int wrongLine);
        return wrongLine < 0
            ? blocks
            : throw new InvalidDataException(
                $"{file}({wrongLine + 1}): Expected a line of a baseline, got '{text.Split('\n')[wrongLine]}'.");
    }

    /// <summary>An unchanged file keeps its time, so that a later build has nothing to do.</summary>
    private static void WriteIfChanged(string file, string text)
    {
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            File.WriteAllText(file, text);
        }
    }
}
