using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Holds the width of C# lines: 120 columns.</summary>
/// <remarks>
/// A line may be longer when it is one literal, or part of a raw string.
/// </remarks>
public sealed partial class WidthTests
{
    private const int Columns = 120;

    private static readonly string[] s_folders = ["generators", "samples", "src", "tests"];

    [Test]
    public void Lines_have_at_most_120_columns()
    {
        string[] wide = [.. Sources.SelectMany(WideLines).Take(50)];

        Assert.That(wide, Is.Empty);
    }

    [TestCase("x", false)]
    [TestCase("    \"x\",", true)]
    [TestCase("    + $\"x {y}\");", true)]
    [TestCase("    Call(\"x\");", false)]
    public void A_long_literal_may_stand_alone(string line, bool isLiteral)
        => Assert.That(Literal().IsMatch(line), Is.EqualTo(isLiteral));

    private static IEnumerable<string> Sources
        => s_folders
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"));

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
