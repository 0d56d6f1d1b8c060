using System.Globalization;

namespace Multiprocess.Tool.Schemas;

/// <summary>Compares the contracts of an assembly with a schema.</summary>
internal static class SchemaCheck
{
    /// <summary>
    /// The differences. Those that begin with "breaks" make calls wrong; others say what the contract lacks.
    /// </summary>
    /// <param name="lines">What the contracts program says of the assembly.</param>
    /// <param name="request">What the compiler makes of the schema.</param>
    public static IEnumerable<string> Compare(IReadOnlyList<string> lines, byte[] request)
    {
        (IReadOnlyDictionary<ulong, SchemaNode> nodes, _) = SchemaReader.Read(request);
        var layout = new SchemaLayout(nodes);
        SchemaNode? node = null;
        string contract = "";
        var seen = new HashSet<int>();
        bool isCommon = false;
        foreach (string line in lines.Append("end"))
        {
            string[] words = line.Split('\t');
            if (words.Length > 1)
            {
                if (node is not null)
                {
                    seen.Add(int.Parse(words[0], CultureInfo.InvariantCulture));
                    foreach (string difference in CompareMethod(contract, node, words, layout))
                    {
                        yield return difference;
                    }
                }

                continue;
            }

            if (node is not null)
            {
                foreach (string lacking in Lacking(contract, node, seen))
                {
                    yield return lacking;
                }
            }

            seen.Clear();
            string[] head = line.Split(' ', 3);
            node = head.Length == 3
                && nodes.TryGetValue(
                    ulong.Parse(head[1][2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    out SchemaNode? found)
                && found.Kind == NodeKind.Interface
                ? found
                : null;
            contract = head[^1];
            isCommon |= node is not null;
        }

        if (!isCommon)
        {
            yield return "breaks: No contract has the id of an interface of the schema.";
        }
    }

    private static IEnumerable<string> CompareMethod(
        string contract, SchemaNode node, string[] words, SchemaLayout layout)
    {
        int ordinal = int.Parse(words[0], CultureInfo.InvariantCulture);
        if (ordinal >= node.Methods.Count)
        {
            yield return $"breaks: {contract}.{words[1]}: expected an ordinal below {node.Methods.Count} of "
                + $"{node.Name}, got {ordinal}";
            yield break;
        }

        SchemaMethod method = node.Methods[ordinal];
        if (words.Length < 4)
        {
            if (words[1] != method.Name)
            {
                yield return $"breaks: {contract}: expected '{words[1]}' at ordinal {ordinal}, got '{method.Name}'";
            }

            yield break;
        }

        (string sent, string returned) = layout.Of(method);
        string of = $"of '{method.Name}' @{ordinal}";
        string path = $"{contract}.{words[1]}";
        foreach (string difference in LayoutComparison.Compare(sent, words[2], $"{path}, parameters {of}")
            .Concat(LayoutComparison.Compare(returned, words[3], $"{path}, results {of}")))
        {
            yield return difference;
        }
    }

    private static IEnumerable<string> Lacking(string contract, SchemaNode node, HashSet<int> seen)
        => Enumerable.Range(0, node.Methods.Count).Where(ordinal => !seen.Contains(ordinal)).Select(
            ordinal => $"differs: {contract}: expected '{node.Methods[ordinal].Name}' @{ordinal}, got none");
}
