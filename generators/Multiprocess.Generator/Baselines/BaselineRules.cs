namespace Multiprocess.Generator.Baselines;

/// <summary>
/// Distinguishes breaks, for which one side would refuse a peer of the baseline's version, from additions, which the
/// peer ignores.
/// </summary>
/// <remarks>Follows "The shape of a value" in PROTOCOL.md, for a peer that may be caller or callee.</remarks>
internal static class BaselineRules
{
    private const string None = "none";

    /// <summary>The differences of one contract or type.</summary>
    /// <param name="before">The block in the baseline; null if the contract or type is new.</param>
    /// <param name="now">The block as it is now.</param>
    public static IEnumerable<Difference> Compare(Block? before, Block now)
    {
        if (before is null)
        {
            return [new Difference(IsBreak: false, now, Line: null, $"{now.Kind} '{now.Name}'", None, Quote(now.Head))];
        }

        if (before.Head != now.Head)
        {
            return
            [
                new Difference(IsBreak: true, now, Line: null, $"'{now.Name}'", Quote(before.Head), Quote(now.Head))
            ];
        }

        return now.Kind switch
        {
            "record" => InOrder(before, now),
            "converted" => [],
            _ => ByKey(before, now),
        };
    }

    private static IEnumerable<Difference> InOrder(Block before, Block now)
    {
        for (int i = 0; i < Math.Max(before.Lines.Count, now.Lines.Count); i++)
        {
            string? old = i < before.Lines.Count ? before.Lines[i] : null;
            string? line = i < now.Lines.Count ? now.Lines[i] : null;
            if (old is null || line is null || Block.Bare(old) != Block.Bare(line))
            {
                bool isBreak = old is not null || !Block.HasDefault(line!);
                yield return Differ(isBreak, now, line, old ?? line!, old, line);
                if (isBreak && !Nullability.IsAllThatDiffers(old, line))
                {
                    yield break; // All later lines have moved too; reporting them would add nothing.
                }
            }
            else if (old != line)
            {
                yield return Differ(isBreak: false, now, line, line, old, line);
            }
        }
    }

    private static IEnumerable<Difference> ByKey(Block before, Block now)
    {
        var lines = now.Lines.GroupBy(now.KeyOf).ToDictionary(group => group.Key, group => group.First());
        var known = new HashSet<string>(before.Lines.Select(before.KeyOf));
        foreach (string old in before.Lines)
        {
            lines.TryGetValue(before.KeyOf(old), out string? line);
            if (line is not null && Same(now.Kind, old, line))
            {
                if (line != old)
                {
                    yield return Differ(isBreak: false, now, line, line, old, line);
                }

                continue;
            }

            // A changed method has another id: look for a method of the same name that is not in the baseline.
            line ??= now.IsContract
                ? now.Lines.FirstOrDefault(
                    other => now.NameOf(other) == before.NameOf(old) && !known.Contains(now.KeyOf(other)))
                : null;
            yield return Differ(isBreak: true, now, line, old, old, line);
        }

        int last = now.Kind == "keyed"
            ? before.Lines.Select(line => int.TryParse(before.KeyOf(line), out int key) ? key : -1)
                .DefaultIfEmpty(-1)
                .Max()
            : -1;
        foreach (string line in now.Lines.Where(line => !known.Contains(now.KeyOf(line))))
        {
            bool isBreak = now.Kind is "keyed" or "map"
                && (!Block.HasDefault(line) || (int.TryParse(now.KeyOf(line), out int key) && key < last));
            yield return Differ(isBreak, now, line, line, null, line);
        }
    }

    private static bool Same(string kind, string old, string line) => kind switch
    {
        // The name of a member with an integer key may change.
        "keyed" => TypeOf(old) == TypeOf(line),
        "map" => Block.Bare(old) == Block.Bare(line),
        _ => old == line,
    };

    private static string TypeOf(string line)
        => Block.Bare(line).Substring(Block.Bare(line).LastIndexOf(": ", StringComparison.Ordinal) + 1);

    private static Difference Differ(bool isBreak, Block block, string? line, string named, string? old, string? found)
    {
        string word = block.Kind switch
        {
            Block.Interface => "method",
            "enum" => "value",
            "union" => "case",
            _ => "member",
        };
        var difference = new Difference(
            isBreak,
            block,
            line,
            $"{word} '{block.NameOf(named)}' of '{block.Name}'",
            Quote(old),
            Quote(found));
        return isBreak && Nullability.IsAllThatDiffers(old, found)
            ? difference with { Consequence = Nullability.Consequence(old!, found!) }
            : difference;
    }

    private static string Quote(string? line) => line is null ? None : $"'{line}'";
}
