using Multiprocess.Objects;
using Multiprocess.Serialization;

namespace Multiprocess.Versions;

/// <summary>Finds out, after the fact, in which argument or result, and in which member, there was a nil that this side does not admit.</summary>
/// <remarks>From the bytes and the method's shape, so that a call that fits pays nothing for it.</remarks>
internal static class NilPlace
{
    private const int MaxDepth = 1024;

    /// <summary>The error for a call whose values another version of the contract has written.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="body">The array of arguments or of results.</param>
    /// <param name="consumed">Where the reader stands in it.</param>
    /// <param name="nil">What it found.</param>
    /// <param name="isResult">Whether these are results.</param>
    public static IpcException Refuse(ContractBinding contract, uint methodId, ReadOnlyMemory<byte> body, int consumed, IpcProtocolException nil, bool isResult)
    {
        string method = $"{contract.Name}.{contract.GetMethodName(methodId)}";
        var path = new List<int>();
        var reader = new MessagePackReader(body);
        string place = "a value";
        string type = nil.Message;
        if (Find(ref reader, nil.NilAt is { } at and >= 0 ? at : consumed - 1, path) && contract.GetShape(methodId) is { } shape)
        {
            (place, type) = Name(shape, path, isResult, new ArgumentNames(contract.Type, contract.GetMethodName(methodId)).Of);
        }

        string outcome = isResult ? "ran, but its answer cannot be read" : "was not run";
        string writer = isResult ? "callee" : "caller";
        return new IpcException(
            IpcErrorKind.VersionMismatch,
            $"{method} {outcome}: the two sides have different versions of what it carries. Expected {place} to be '{type}', got nil from the {writer}, whose version has '{type}?'.");
    }

    /// <summary>Walks to the nil at <paramref name="position"/>, and leaves the way there in <paramref name="path"/>.</summary>
    private static bool Find(ref MessagePackReader reader, int position, List<int> path)
    {
        if (reader.Consumed == position && reader.IsNil)
        {
            return true;
        }

        bool isMap = reader.PeekStrictType() == MessagePackType.Map;
        if ((!isMap && reader.PeekStrictType() != MessagePackType.Array) || path.Count == MaxDepth)
        {
            reader.SkipStrict();
            return false;
        }

        int count = isMap ? reader.ReadStrictMapHeader() * 2 : reader.ReadStrictArrayHeader();
        for (int i = 0; i < count && reader.Consumed <= position; i++)
        {
            path.Add(i);
            if (Find(ref reader, position, path))
            {
                return true;
            }

            path.RemoveAt(path.Count - 1);
        }

        return false;
    }

    private static (string Place, string Type) Name(string shape, List<int> path, bool isResult, Func<int, int, string> argument)
    {
        string[] lines = shape.Split('\n');
        List<string> parts = isResult ? [lines[0][(lines[0].LastIndexOf("):", StringComparison.Ordinal) + 2)..]] : Split(lines[0]);
        string type = path.Count > 0 && path[0] < parts.Count ? parts[path[0]] : "a value";
        string whole = isResult ? "the result" : argument(path.FirstOrDefault(), parts.Count);
        string place = whole;
        foreach (int index in path.Skip(1))
        {
            int head = Array.FindIndex(lines, 1, line => !line.StartsWith(' ') && TypeShape.TryParse(line)?.Name == type);
            string? member = head < 0 ? null : lines.Skip(head + 1).TakeWhile(line => line.StartsWith(' ')).ElementAtOrDefault(TypeShape.TryParse(lines[head])!.Kind == "map" ? index / 2 : index);
            if (member is null)
            {
                // An element of a collection, or what is inside a type of the framework.
                place = $"an element of {place}";
                type = type.EndsWith("[]", StringComparison.Ordinal) ? type[..^2] : Arguments(type) is [.., { } last] ? last : "a value";
                continue;
            }

            int colon = member.LastIndexOf(": ", StringComparison.Ordinal);
            place = $"member '{member[1..colon].Trim('"')}' of {type}, in {whole},";
            type = member[(colon + 2)..].Replace(" = default", "", StringComparison.Ordinal);
        }

        return (place, type);
    }

    private static List<string> Arguments(string type)
    {
        int open = type.IndexOf('<', StringComparison.Ordinal);
        return open < 0 || !type.EndsWith('>') ? [] : Split($"({type[(open + 1)..^1]})");
    }

    /// <summary>The types between the first parenthesis and its end, by the commas that are in no brackets.</summary>
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
                    parts.Add(signature[start..i]);
                }

                start = i + 1;
            }

            depth += c is '<' or '[' or '(' ? 1 : c is '>' or ']' or ')' ? -1 : 0;
        }

        // An 'out' parameter is no argument.
        return [.. parts.Where(part => !part.StartsWith("out ", StringComparison.Ordinal)).Select(part => part.StartsWith("ref ", StringComparison.Ordinal) ? part[4..] : part)];
    }
}
