using Multiprocess.Serialization;

namespace Multiprocess.Versions;

/// <summary>
/// Finds the argument or result, and the member, that contains an unreadable value, after reading has failed.
/// </summary>
/// <remarks>
/// Uses the bytes and the method's shape, so that a successful call costs nothing. One pass over the bytes, whatever
/// the nesting.
/// </remarks>
internal static class ValuePlace
{
    private const int MaxDepth = 1024;

    /// <summary>The most steps into a value that are named, to keep the sentence short.</summary>
    private const int MaxNamed = 16;

    /// <summary>Names the innermost value that contains the byte at <paramref name="position"/>.</summary>
    /// <param name="shape">The method's shape; null when there is none.</param>
    /// <param name="body">The array of arguments or of results.</param>
    /// <param name="position">The position in the body.</param>
    /// <param name="isResult">Whether these are results.</param>
    /// <param name="inMember">Whether to name a member inside the argument or result.</param>
    /// <param name="names">The names of the arguments.</param>
    /// <returns>
    /// The place, and its type when known. Both are null when the byte belongs to none of the values.
    /// </returns>
    public static (string? Place, string? Type) Find(
        string? shape,
        ReadOnlyMemory<byte> body,
        int position,
        bool isResult,
        bool inMember,
        ArgumentNames names)
    {
        var path = new List<Step>();
        var reader = new MessagePackReader(body);
        try
        {
            _ = Walk(ref reader, position, path);
        }
        catch (IpcProtocolException)
        {
            // Malformed: the path ends at the malformed value.
        }

        if (path.Count == 0)
        {
            return (null, null);
        }

        string[] lines = shape?.Split('\n') ?? [];
        (string root, string? type) = Root(lines, path[0].Index, isResult, names);
        return inMember ? Name(lines, root, type, path, body) : (root, type);
    }

    private static bool Walk(ref MessagePackReader reader, int position, List<Step> path)
    {
        if (reader.Consumed == position)
        {
            return true;
        }

        MessagePackType family = reader.PeekStrictType();
        bool isMap = family == MessagePackType.Map;
        if ((!isMap && family != MessagePackType.Array) || path.Count == MaxDepth)
        {
            reader.SkipStrict();
            return position < reader.Consumed;
        }

        int count = isMap ? reader.ReadStrictMapHeader() * 2 : reader.ReadStrictArrayHeader();
        if (position < reader.Consumed)
        {
            return true;
        }

        int keyAt = 0;
        for (int i = 0; i < count; i++)
        {
            keyAt = i == 0 || (isMap && i % 2 == 0) ? (int)reader.Consumed : keyAt;
            path.Add(new Step(i, keyAt));
            if (Walk(ref reader, position, path))
            {
                return true;
            }

            path.RemoveAt(path.Count - 1);
        }

        return false;
    }

    private static (string Place, string? Type) Root(string[] lines, int index, bool isResult, ArgumentNames names)
    {
        string signature = lines is [{ } first, ..] ? first : "():";
        List<string> parameters = Split(signature);
        if (!isResult)
        {
            // An 'out' parameter is not an argument.
            string[] arguments =
                [.. parameters.Where(parameter => !parameter.StartsWith("out ", StringComparison.Ordinal))];
            string? argument = arguments.ElementAtOrDefault(index);
            string name = lines.Length == 0 ? $"argument {index + 1}" : names.Of(index, arguments.Length);
            return (
                name,
                argument is not null && argument.StartsWith("ref ", StringComparison.Ordinal)
                    ? argument[4..]
                    : argument);
        }

        string result = signature[(signature.LastIndexOf("):", StringComparison.Ordinal) + 2)..];
        if (result != "System.Void" && index-- == 0)
        {
            bool isTask = result.StartsWith("System.Threading.Tasks.Task<", StringComparison.Ordinal)
                || result.StartsWith("System.Threading.Tasks.ValueTask<", StringComparison.Ordinal);
            return ("the result", isTask ? Arguments(result)[0] : result.Length == 0 ? null : result);
        }

        for (int i = 0; i < parameters.Count; i++)
        {
            bool isBack = parameters[i].StartsWith("out ", StringComparison.Ordinal)
                || parameters[i].StartsWith("ref ", StringComparison.Ordinal);
            if (isBack && index-- == 0)
            {
                return ($"parameter {i + 1}", parameters[i][4..]);
            }
        }

        return ("the result", null);
    }

    private static (string Place, string? Type) Name(
        string[] lines,
        string root,
        string? type,
        List<Step> path,
        ReadOnlyMemory<byte> body)
    {
        string place = root;
        foreach (Step step in path.Skip(1).Take(MaxNamed))
        {
            string? bare = type?.TrimEnd('?');
            int head = Array.FindIndex(lines, line => !line.StartsWith(' ') && TypeShape.TryParse(line)?.Name == bare);
            if (bare is null || head < 0)
            {
                // An element of a collection, or a value inside a framework type.
                place = $"an element of {place}";
                type = Element(bare, step.Index);
                continue;
            }

            string kind = TypeShape.TryParse(lines[head])!.Kind;
            if (kind is not ("record" or "keyed" or "map" or "union"))
            {
                break; // The inside of a value belongs to its converter.
            }

            IEnumerable<string> members = lines
                .Skip(head + 1)
                .TakeWhile(line => line.StartsWith(' '))
                .Select(line => line[1..]);
            string? member = kind switch
            {
                "record" => members.ElementAtOrDefault(step.Index),
                "keyed" => Starting(members, $"{step.Index} "),
                "map" when step.Index % 2 == 1 => Starting(members, $"\"{Key(body, step.KeyAt)}\": "),
                "union" when step.Index == 1 => Starting(members, $"{Key(body, step.KeyAt)}: "),
                _ => null,
            };
            if (member is null)
            {
                place = kind is "map" or "union" && step.Index % 2 == 0
                    ? $"a key of {place}"
                    : $"an element of {place}";
                type = null;
                continue;
            }

            int colon = member.LastIndexOf(": ", StringComparison.Ordinal);
            type = member[(colon + 2)..].Replace(" = default", "", StringComparison.Ordinal);
            if (kind != "union")
            {
                string name = member[..colon].Trim('"');
                place =
                    $"member '{(kind == "keyed" ? name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..] : name)}' "
                        + $"of {bare}, in {root},";
            }
        }

        return (place, type);
    }

    private static string? Starting(IEnumerable<string> members, string start)
        => members.FirstOrDefault(member => member.StartsWith(start, StringComparison.Ordinal));

    /// <summary>Reads the key of a map's entry, or the first element of an array, as a shape writes it.</summary>
    private static string? Key(ReadOnlyMemory<byte> body, int position)
    {
        var reader = new MessagePackReader(body[position..]);
        try
        {
            return reader.PeekStrictType() switch
            {
                MessagePackType.String => reader.ReadStrictString(),
                MessagePackType.Integer
                    => reader.ReadStrictInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => null,
            };
        }
        catch (IpcProtocolException)
        {
            return null;
        }
    }

    /// <summary>
    /// The type of the element of a collection, a tuple or an array at one position; null when it cannot be determined.
    /// </summary>
    private static string? Element(string? type, int index)
        => type is null ? null
            : type.EndsWith("[]", StringComparison.Ordinal) ? type[..^2]
            : type.StartsWith("System.ValueTuple<", StringComparison.Ordinal)
                ? Arguments(type).ElementAtOrDefault(index)
            : Arguments(type) is [{ } only] ? only : null;

    private static List<string> Arguments(string type)
    {
        int open = type.IndexOf('<', StringComparison.Ordinal);
        return open < 0 || !type.EndsWith('>') ? [] : Split($"({type[(open + 1)..^1]})");
    }

    /// <summary>Splits the types between the parentheses at the commas that are outside all brackets.</summary>
    private static List<string> Split(string signature)
    {
        var parts = new List<string>();
        int depth = 0;
        int start = signature.IndexOf('(', StringComparison.Ordinal) + 1;
        int end = signature.LastIndexOf(')');
        for (int i = start; i <= end; i++)
        {
            char c = signature[i];
            if (i == end || (c == ',' && depth == 0))
            {
                if (i > start)
                {
                    parts.Add(signature[start..i].Trim());
                }

                start = i + 1;
            }

            depth += c is '<' or '[' or '(' ? 1 : c is '>' or ']' or ')' ? -1 : 0;
        }

        return parts;
    }

    /// <summary>One step into a container.</summary>
    /// <param name="Index">The position of the element; the keys and the values of a map count separately.</param>
    /// <param name="KeyAt">Where the key of the entry, or the first element, begins.</param>
    private readonly record struct Step(int Index, int KeyAt);
}
