using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Holds the width of C# lines: 120 columns.</summary>
/// <remarks>
/// A line may be longer when it is one literal, or part of a raw string. Files that are wider still are listed in
/// WideFiles.txt; the list only gets shorter.
/// </remarks>
public sealed partial class WidthTests
{
    private const int Columns = 120;

    private static readonly string[] s_folders = ["generators", "samples", "src", "tests"];

    [Test]
    public void Lines_have_at_most_120_columns()
    {
        string[] listed = Listed;

        string[] wide =
            [.. Sources.Where(file => !listed.Any(entry => Covers(entry, file))).SelectMany(WideLines).Take(50)];

        Assert.That(wide, Is.Empty);
    }

    [Test]
    public void Every_listed_file_is_still_wide()
    {
        string[] wide = [.. Sources.Where(file => WideLines(file).Any())];

        Assert.That(Listed.Where(entry => !wide.Any(file => Covers(entry, file))), Is.Empty);
    }

    [TestCase("x", false)]
    [TestCase("    \"x\",", true)]
    [TestCase("    + $\"x {y}\");", true)]
    [TestCase("    Call(\"x\");", false)]
    public void A_long_literal_may_stand_alone(string line, bool isLiteral)
        => Assert.That(Literal().IsMatch(line), Is.EqualTo(isLiteral));

    /// <summary>Paths of files, and of folders, which end in a slash.</summary>
    private static string[] Listed
        =>
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "tests", "Samples.Tests", "WideFiles.txt"))
                .Where(line => line.Length > 0 && line[0] != '#'),
        ];

    private static IEnumerable<string> Sources
        => s_folders
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"));

    private static bool Covers(string entry, string file)
        => entry.EndsWith('/') ? file.StartsWith(entry, StringComparison.Ordinal) : file == entry;

    private static IEnumerable<string> WideLines(string file)
    {
        bool isRaw = false;
        int number = 0;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, file)))
        {
            number++;
            int marks = line.Split("\"\"\"").Length - 1;
            bool isInRaw = isRaw || marks > 0;
            isRaw ^= marks % 2 != 0;
            if (!isInRaw && line.Length > Columns && !Literal().IsMatch(line))
            {
                yield return $"{file}({number}): {line.Length} columns";
            }
        }
    }

    [GeneratedRegex(@"^\s*(\+ |\? |: |=> |\?\? )?[$@]*"".*""[)\],;]*$")]
    private static partial Regex Literal();
}
