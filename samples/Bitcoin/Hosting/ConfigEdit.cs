using System.Text;

namespace Bitcoin.Hosting;

/// <summary>Changes options in a configuration file, and leaves every other line as it is, byte for byte.</summary>
public static class ConfigEdit
{
    /// <summary>Sets or removes options of the part that applies to all networks.</summary>
    /// <param name="path">The file. It is created, for its owner only, if it does not exist.</param>
    /// <param name="changes">The new value of each option; null removes the option.</param>
    /// <exception cref="IOException">The file cannot be written. It is then as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written. It is then as it was.</exception>
    public static void Apply(string path, IReadOnlyDictionary<string, string?> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);

        // A link stays, and what it leads to is changed. Latin-1 has a character for each byte: a comment may have any.
        bool exists = File.Exists(path);
        path = exists ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        string text = exists ? Encoding.Latin1.GetString(File.ReadAllBytes(path)) : "";
        string[] before = text.Split('\n');
        int sections = Array.FindIndex(before, static line => line.TrimStart().StartsWith('['));
        int general = sections < 0 ? before.Length : sections;
        string[] after =
        [
            .. changes.Where(static change => change.Value is not null)
                .Select(static change => $"{change.Key}={Bytes(change.Value!)}"),
            .. before.Take(general).Where(line => !changes.ContainsKey(Name(line))),
            .. before.Skip(general),
        ];
        if (after.SequenceEqual(before))
        {
            return;
        }

        // Writes another file and renames it: a program that ends in between leaves the old file.
        string next = path + ".new";
        using (FileStream file = PrivateFiles.Create(next))
        {
            file.Write(Encoding.Latin1.GetBytes(string.Join('\n', after)));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    private static string Bytes(string value) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value));

    private static string Name(string line)
        => line.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals ? line[..equals].Trim() : "";
}
