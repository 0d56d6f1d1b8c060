namespace Multiprocess.Versions;

/// <summary>
/// The differences between two versions of a type that are compatible. "The shape of a value" in PROTOCOL.md specifies
/// the rules.
/// </summary>
internal static class ShapeRules
{
    private const string Default = " = default";

    /// <summary>
    /// Returns a sentence that names the member that the reader would misread; null when there is none.
    /// </summary>
    public static string? Differ(TypeShape callee, TypeShape caller, bool writerIsCaller)
    {
        TypeShape writer = writerIsCaller ? caller : callee;
        TypeShape reader = writerIsCaller ? callee : caller;
        return callee.Kind switch
        {
            "record" => InOrder(callee, caller, writer, reader),
            "keyed" or "map" => ByKey(callee, caller, writer, reader, gapsAreNil: callee.Kind == "keyed"),
            "enum" => SameWhereBoth(callee, caller, " = ", "value"),
            "union" => SameWhereBoth(callee, caller, ": ", "case"),
            _ => null,
        };
    }

    /// <summary>
    /// Members have no keys: each must equal the other side's member at the same position, and a member that the writer
    /// lacks needs a default.
    /// </summary>
    private static string? InOrder(TypeShape callee, TypeShape caller, TypeShape writer, TypeShape reader)
    {
        for (int i = 0; i < reader.Members.Count; i++)
        {
            if (i >= writer.Members.Count)
            {
                if (!reader.Members[i].EndsWith(Default, StringComparison.Ordinal))
                {
                    return Sentence(
                        "member",
                        Name(reader.Members[i], ": "),
                        callee,
                        callee.Members.ElementAtOrDefault(i),
                        caller.Members.ElementAtOrDefault(i),
                        "it has no default");
                }
            }
            else if (Bare(reader.Members[i]) != Bare(writer.Members[i]))
            {
                return Sentence(
                    "member",
                    Name(callee.Members[i], ": "),
                    callee,
                    callee.Members[i],
                    caller.Members[i],
                    $"at place {i + 1}");
            }
        }

        return null;
    }

    /// <summary>Members have keys: the same key must hold the same type.</summary>
    private static string? ByKey(
        TypeShape callee,
        TypeShape caller,
        TypeShape writer,
        TypeShape reader,
        bool gapsAreNil)
    {
        Dictionary<string, string> written = writer.Members
            .GroupBy(Key)
            .ToDictionary(group => group.Key, group => group.First());
        int last = gapsAreNil
            ? written.Keys.Select(key => int.TryParse(key, out int number) ? number : -1).Append(-1).Max()
            : -1;
        foreach (string member in reader.Members)
        {
            string key = Key(member);
            bool isWritten = written.TryGetValue(key, out string? other);
            bool differs = isWritten
                ? Type(member) != Type(other!)
                : !member.EndsWith(Default, StringComparison.Ordinal)
                    || (int.TryParse(key, out int number) && number < last);
            if (differs)
            {
                return Sentence(
                    "member",
                    Name(member, ": "),
                    callee,
                    callee.Members.FirstOrDefault(mine => Key(mine) == key),
                    caller.Members.FirstOrDefault(theirs => Key(theirs) == key),
                    isWritten ? null : "it has no default, or stands in a gap");
            }
        }

        return null;

        static string Key(string member) => member.StartsWith('"') ? Name(member, ": ") : member.Split(' ', 2)[0];
        static string Type(string member)
            => Bare(member)[(Bare(member).LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
    }

    /// <summary>
    /// Entries that both sides have must be equal. An entry that one side lacks is refused when it is sent.
    /// </summary>
    private static string? SameWhereBoth(TypeShape callee, TypeShape caller, string separator, string word)
    {
        foreach (string mine in callee.Members)
        {
            string? theirs = caller.Members.FirstOrDefault(other => Name(other, separator) == Name(mine, separator));
            if (theirs is not null && theirs != mine)
            {
                return Sentence(word, Name(mine, separator), callee, mine, theirs, null);
            }
        }

        return null;
    }

    private static string Sentence(
        string word,
        string name,
        TypeShape type,
        string? callee,
        string? caller,
        string? why)
        => $"Expected {word} '{name}' of {type.Name} to be {Quote(callee)}, got {Quote(caller)} from the "
            + $"caller{(why is null ? "" : ": " + why)}.";

    private static string Quote(string? line) => line is null ? "none" : $"'{line}'";

    private static string Bare(string member)
        => member.EndsWith(Default, StringComparison.Ordinal) ? member[..^Default.Length] : member;

    private static string Name(string line, string separator)
    {
        int end = line.LastIndexOf(separator, StringComparison.Ordinal);
        return end < 0 ? line : line[..end];
    }
}
