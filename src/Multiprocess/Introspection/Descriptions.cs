using System.Globalization;
using Multiprocess.Generated;
using Multiprocess.Objects;

namespace Multiprocess.Introspection;

/// <summary>Reads facts from the description of a contract.</summary>
internal static class Descriptions
{
    private const string Sensitive = "sensitive ";

    /// <summary>
    /// True when a call of the method may carry a value that must not be logged. A contract without a description may
    /// carry anything.
    /// </summary>
    public static bool IsSensitive(ContractBinding contract, uint methodId)
    {
        var description = new IpcDescription();
        description.Add(contract);
        Dictionary<string, List<string>> blocks = Blocks(description.ToString());
        string id = methodId.ToString("X8", CultureInfo.InvariantCulture);
        if (!blocks.TryGetValue(contract.Name, out List<string>? lines)
            || lines.Find(line => line.StartsWith(id, StringComparison.Ordinal)) is not { } method)
        {
            return true;
        }

        // Values behind references are sent by other calls.
        var open = new Stack<string>([method]);
        while (open.TryPop(out string? line))
        {
            if (line.Contains(Sensitive, StringComparison.Ordinal))
            {
                return true;
            }

            foreach (string mentioned
                in blocks.Keys.Where(name => line.Contains(name, StringComparison.Ordinal)).ToArray())
            {
                blocks[mentioned].ForEach(open.Push);
                blocks.Remove(mentioned);
            }
        }

        return false;
    }

    /// <summary>The lines of each contract and type, by name.</summary>
    private static Dictionary<string, List<string>> Blocks(string description)
    {
        var blocks = new Dictionary<string, List<string>>();
        List<string> current = [];
        foreach (string line in description.Split('\n'))
        {
            if (line.StartsWith(' '))
            {
                current.Add(line[1..]);
            }
            else
            {
                blocks[NameOf(line)] = current = [];
            }
        }

        return blocks;
    }

    /// <summary>The name in a head line: after the keywords, and before the underlying type of an enum.</summary>
    private static string NameOf(string head)
    {
        string[] words =
            [
                "flags ",
                "struct ",
                "interface ",
                "delegate ",
                "record ",
                "keyed ",
                "map ",
                "enum ",
                "union ",
                "converted ",
            ];
        while (Array.Find(words, word => head.StartsWith(word, StringComparison.Ordinal)) is { } word)
        {
            head = head[word.Length..];
        }

        int end = head.IndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? head : head[..end];
    }
}
