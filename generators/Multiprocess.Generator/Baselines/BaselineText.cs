using System.Text;

namespace Multiprocess.Generator.Baselines;

/// <summary>
/// The text of a baseline: heads start at the beginning of a line, members after two spaces, comments after a
/// <c>#</c>.
/// </summary>
internal static class BaselineText
{
    private const string Remark = """
        # What peers of other versions rely on. The build compares the contracts with it;
        #   dotnet build -p:MultiprocessUpdateBaseline=true
        # writes it anew, with what was added behind what there was.

        """;

    private static readonly string[] s_kinds =
    [
        Block.Interface, "record", "keyed", "map", "enum", "union", "converted"
    ];

    public static string Write(IEnumerable<Block> blocks)
    {
        var text = new StringBuilder(Remark.Replace("\r", ""));
        foreach (var block in Block.Sort(blocks))
        {
            text.Append('\n').Append(block.Head).Append('\n');
            foreach (string line in block.Lines)
            {
                text.Append("  ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>Reads a baseline, and reports the number of the first invalid line.</summary>
    public static Dictionary<string, Block> Read(string text, out int wrongLine)
    {
        var blocks = new Dictionary<string, Block>();
        List<string>? members = null;
        wrongLine = -1;
        int number = -1;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.TrimEnd();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.StartsWith("  ", StringComparison.Ordinal) && members is not null)
            {
                members.Add(line.Substring(2));
            }
            else if (ReadHead(line) is { } head && !blocks.ContainsKey(head.Name))
            {
                members = [];
                blocks.Add(head.Name, head with { Lines = members });
            }
            else if (wrongLine < 0)
            {
                wrongLine = number;
            }
        }

        return blocks;
    }

    /// <summary>The current blocks: known lines keep their place, new lines are added at the end.</summary>
    public static IEnumerable<Block> Update(IReadOnlyDictionary<string, Block> before, IEnumerable<Block> now)
        => now.Select(
            block => before.TryGetValue(block.Name, out var old) && old.Kind == block.Kind && !IsOrdered(block)
                ? block with { Lines = Merge(old, block) }
                : block);

    /// <summary>Whether the order of the lines matters on the wire.</summary>
    private static bool IsOrdered(Block block) => block.Kind is "record" or "keyed";

    private static List<string> Merge(Block old, Block now)
    {
        var byKey = now.Lines.GroupBy(now.KeyOf).ToDictionary(group => group.Key, group => group.First());
        var kept = old.Lines.Select(old.KeyOf).Where(byKey.ContainsKey).Distinct().ToList();
        return [.. kept.Concat(now.Lines.Select(now.KeyOf)).Distinct().Select(key => byKey[key])];
    }

    private static Block? ReadHead(string line)
    {
        int space = line.IndexOf(' ');
        if (space <= 0 || !s_kinds.Contains(line.Substring(0, space)))
        {
            return null;
        }

        string name = line.Substring(space + 1);
        int colon = name.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0
            ? new Block(line.Substring(0, space), name, "", [])
            : new Block(line.Substring(0, space), name.Substring(0, colon), name.Substring(colon), []);
    }
}
