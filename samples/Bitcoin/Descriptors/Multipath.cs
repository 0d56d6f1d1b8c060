namespace Bitcoin.Descriptors;

/// <summary>
/// Descriptors whose keys have several paths, as in <c>/&lt;0;1&gt;/*</c> (BIP389). Each stands for several
/// descriptors.
/// </summary>
internal static class Multipath
{
    private static readonly char[] s_keyEnds = [',', '(', ')', '{', '}'];

    /// <summary>Expands a descriptor: the first result has the first path of each key, and so on.</summary>
    /// <param name="payload">The descriptor without its checksum.</param>
    /// <param name="texts">The descriptors that it stands for; the descriptor itself if no key has several
    /// paths.</param>
    /// <param name="error">What is wrong with it, in Bitcoin Core's words.</param>
    internal static bool TryExpand(string payload, out List<string> texts, out string error)
    {
        texts = [];
        List<(int Start, int End, string[] Items)> groups = [];
        for (int start = payload.IndexOf("/<", StringComparison.Ordinal); start >= 0; start = payload.IndexOf(
            "/<", start + 1, StringComparison.Ordinal))
        {
            int end = payload.IndexOf('>', start);
            bool isWhole = end >= 0
                && (end + 1 == payload.Length || payload[end + 1] == '/' || s_keyEnds.Contains(payload[end + 1]));
            if (!isWhole)
            {
                // The parser reports what is wrong with it.
                continue;
            }

            string[] items = payload[(start + 2)..end].Split(';');
            if (!Check(items, out error))
            {
                return false;
            }

            if (groups.Count > 0 && payload.IndexOfAny(s_keyEnds, groups[^1].End, start - groups[^1].End) < 0)
            {
                error = "Multiple multipath key path specifiers found";
                return false;
            }

            if (AggregateBefore(payload, start) is { } aggregate
                && groups.Exists(group => group.Start > aggregate && group.End < start))
            {
                error = "musig(): Cannot have multipath participant keys if musig() is also multipath";
                return false;
            }

            groups.Add((start + 1, end + 1, items));
        }

        int count = groups.Count == 0 ? 1 : groups[0].Items.Length;
        if (groups.Exists(group => group.Items.Length != count))
        {
            error = "Multipath derivation paths have mismatched lengths";
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            string text = payload;
            foreach ((int start, int end, string[] items) in Enumerable.Reverse(groups))
            {
                text = text[..start] + items[i] + text[end..];
            }

            texts.Add(text);
        }

        error = "";
        return true;
    }

    // Where the aggregated key begins whose path contains a position; null for an ordinary key.
    private static int? AggregateBefore(string payload, int at)
    {
        int close = payload.LastIndexOfAny(s_keyEnds, at);
        return close >= 0 && payload[close] == ')' ? payload.LastIndexOf('(', close) : null;
    }

    private static bool Check(string[] items, out string error)
    {
        error = items.Length < 2 ? "Multipath key path specifiers must have at least two items" : "";
        HashSet<string> seen = [];
        foreach (string item in items)
        {
            if (error.Length == 0 && !seen.Add(item.Replace('h', '\'')))
            {
                error = $"Duplicated key path value {item} in multipath specifier";
            }
        }

        return error.Length == 0;
    }
}
