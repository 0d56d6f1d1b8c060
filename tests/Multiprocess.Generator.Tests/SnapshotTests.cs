using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Each emitted form, as a file under <c>Snapshots</c> that a reviewer reads. Set UPDATE_SNAPSHOTS=1 to write them
/// anew.
/// </summary>
public sealed class SnapshotTests
{
    private static readonly string s_folder = Path.Combine(GeneratorRun.ProjectDirectory, "Snapshots");

    private static IEnumerable<string> Names
        => Directory.GetFiles(s_folder, "*.cs.txt").Select(path => Path.GetFileName(path)[..^".cs.txt".Length]).Order();

    [TestCaseSource(nameof(Names))]
    public void Emitted_form_is_as_reviewed_and_compiles(string name)
    {
        string source = File.ReadAllText(Path.Combine(s_folder, name + ".cs.txt"));
        string snapshot = Path.Combine(s_folder, name + ".generated.txt");

        var generated = GeneratorRun.GenerateAndCompile(source);

        string text = string.Join("\n", generated
            .OrderBy(file => file.HintName, StringComparer.Ordinal)
            .Select(file => $"// ===== {file.HintName}\n{file.SourceText}"));
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(snapshot, text);
        }

        Assert.That(
            File.Exists(snapshot),
            $"{snapshot} is missing: run the test with UPDATE_SNAPSHOTS=1 and read what it wrote.");
        Assert.That(text, Is.EqualTo(File.ReadAllText(snapshot)));
    }
}
