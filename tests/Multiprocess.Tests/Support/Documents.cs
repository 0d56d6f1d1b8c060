using System.Text.RegularExpressions;

namespace Multiprocess.Tests.Support;

/// <summary>The documents of the repository, of which tests read the tables.</summary>
internal static class Documents
{
    /// <summary>The parts of each line of a document that has this form, the whole line first.</summary>
    public static IReadOnlyList<string[]> Rows(string path, Regex form)
        =>
            [
                .. File.ReadLines(Path.Combine(Root, path))
                    .Select(line => form.Match(line))
                    .Where(match => match.Success)
                    .Select(match => match.Groups.Values.Select(part => part.Value).ToArray()),
            ];

    /// <summary>All lines of a document.</summary>
    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    /// <summary>The sources that have a class of tests.</summary>
    public static IEnumerable<string> Tests(string className)
        => Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .Where(source => Regex.IsMatch(source, $@"\bclass {className}\b"));

    private static string Root
    {
        get
        {
            string? root = AppContext.BaseDirectory;
            while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
            {
                root = Path.GetDirectoryName(root);
            }

            return root!;
        }
    }
}
