using System.Text;

namespace Bitcoin.Hosting;

/// <summary>Changes options in a configuration file, and leaves every other line as it is.</summary>
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
        string[] before = File.Exists(path) ? File.ReadAllLines(path) : [];
        int sections = Array.FindIndex(before, static line => line.TrimStart().StartsWith('['));
        int general = sections < 0 ? before.Length : sections;
        string[] after =
        [
            .. changes.Where(static change => change.Value is not null)
                .Select(static change => $"{change.Key}={change.Value}"),
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
            file.Write(Encoding.UTF8.GetBytes(string.Concat(after.Select(static line => line + "\n"))));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    private static string Name(string line)
        => line.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals ? line[..equals].Trim() : "";
}
