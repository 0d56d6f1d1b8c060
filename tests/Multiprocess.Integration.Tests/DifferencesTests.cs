using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Integration.Tests;

/// <summary>The written list of differences against the scenarios that show them.</summary>
public sealed partial class DifferencesTests
{
    [Test]
    public void Document_lists_every_difference_with_the_scenario_that_shows_it()
    {
        string text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "README.md"));
        string section = text.Split("## What differs from one process")[1].Split("\n## ")[0];

        var listed = Row().Matches(section).Select(row => (row.Groups["name"].Value, row.Groups["scenario"].Value));
        var shown = Scenario.All.Where(scenario => scenario.Difference is not null)
            .Select(scenario => (scenario.Difference!, scenario.Name.Split(": ")[1].Replace(' ', '_')));

        Assert.That(listed, Is.Not.Empty);
        Assert.That(listed, Is.EquivalentTo(shown));
    }

    [Test]
    public void Page_for_users_lists_the_same_differences()
    {
        string tests = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..");
        string section = File
            .ReadAllText(Path.Combine(tests, "README.md"))
            .Split("## What differs from one process")[1]
            .Split("\n## ")[0];
        string page = File.ReadAllText(Path.Combine(tests, "..", "docs", "differences.md"));

        string[] missing =
            [
                .. Row()
                    .Matches(section)
                    .Select(row => $"| {row.Groups["name"].Value} |{row.Groups["instead"].Value}|")
                    .Where(row => !page.Contains(row, StringComparison.Ordinal)),
            ];

        Assert.That(missing, Is.Empty);
    }

    [GeneratedRegex(@"^\| (?<name>[^|]+) \|(?<instead>[^|]+)\| `(?<scenario>\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
