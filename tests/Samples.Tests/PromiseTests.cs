using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Holds tests/PROMISES.md: every promise has tests, and all of them exist.</summary>
public sealed partial class PromiseTests
{
    private static IEnumerable<string> Promises
        => File.ReadLines(Path.Combine(Repository.Root, "tests", "PROMISES.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line != "| promise | held by |");

    [TestCaseSource(nameof(Promises))]
    public void A_promise_is_held_by_tests_that_exist(string promise)
    {
        MatchCollection named = TestName().Matches(promise);

        string[] missing =
            [
                .. named.Where(
                    match => !Exists(
                        match.Groups["class"].Value, match.Groups["method"].Value)).Select(match => match.Value),
            ];

        Assert.That(named, Is.Not.Empty);
        Assert.That(missing, Is.Empty);
    }

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`")]
    internal static partial Regex TestName();

    private static bool Exists(string type, string method)
        => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), $"{type}.cs", SearchOption.AllDirectories)
            .Any(file => File.ReadAllText(file).Contains($" {method}(", StringComparison.Ordinal));
}
