using System.Text.RegularExpressions;

namespace Multiprocess.Tests;

/// <summary>Holds the folders of the runtime to the order that src/README.md states: each names only what stands before it.</summary>
public sealed partial class LayerTests
{
    /// <summary>What each folder may name. Public types without behaviour, which have no namespace of their own, are seen by all.</summary>
    private static readonly Dictionary<string, string[]> s_mayName = Ranked(
        ["Logging"],
        ["Metrics"],
        ["Native"],
        ["Transports"],
        ["Serialization"],
        ["Messages"],
        ["Framing"],
        ["Recording"],
        ["Threads"],
        ["Generated", "Faults", "Calls", "Objects", "Versions", "Outgoing", "Incoming", "Streaming", "Connections", "Diagnostics", "Introspection"],
        ["Processes"]);

    /// <summary>Each row may name the rows before it; the folders of one row may name each other.</summary>
    private static Dictionary<string, string[]> Ranked(params string[][] rows)
        => rows
            .SelectMany((row, rank) => row.Select(folder => (folder, mayName: rows.Take(rank + 1).SelectMany(before => before).ToArray())))
            .ToDictionary(entry => entry.folder, entry => entry.mayName);

    private static IEnumerable<string> Layers => s_mayName.Keys;

    [TestCaseSource(nameof(Layers))]
    public void Layer_names_only_what_stands_before_it(string layer)
    {
        string[] named =
        [
            .. Sources(layer)
                .SelectMany(file => Name().Matches(File.ReadAllText(file)).Select(match => match.Groups["layer"].Value))
                .Where(name => s_mayName.ContainsKey(name) && name != layer)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

        Assert.That(named, Is.SubsetOf(s_mayName[layer]));
    }

    [Test]
    public void Every_folder_with_a_namespace_is_a_layer()
        => Assert.That(
            Directory.GetDirectories(Source).Select(Path.GetFileName).Where(folder => folder is not ("bin" or "obj") && Sources(folder!).Any(HasNamespace)),
            Is.SubsetOf(Layers));

    private static string Source
    {
        get
        {
            string? root = AppContext.BaseDirectory;
            while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
            {
                root = Path.GetDirectoryName(root);
            }

            return Path.Combine(root!, "src", "Multiprocess");
        }
    }

    /// <summary>None of a namespace whose types stand in the folders of what they are about.</summary>
    private static IEnumerable<string> Sources(string folder)
        => Directory.Exists(Path.Combine(Source, folder)) ? Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories) : [];

    private static bool HasNamespace(string file) => File.ReadAllText(file).Contains("namespace Multiprocess.", StringComparison.Ordinal);

    // "using Multiprocess.Calls;" and names that begin with a folder, as in "Faults.FaultFormat".
    [GeneratedRegex(@"(?<=using Multiprocess\.|[ (<])(?<layer>[A-Z]\w+)(?=;|\.[A-Z]\w+[.<( ])")]
    private static partial Regex Name();
}
