using System.Text.RegularExpressions;

namespace Multiprocess.Tests;

/// <summary>No type is looked up by a name, wherever the name comes from (P21).</summary>
public sealed partial class TypeNameTests
{
    [Test]
    public void The_runtime_has_no_code_that_finds_a_type_by_name()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Multiprocess.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        string[] sources =
        [
            .. Directory
                .EnumerateFiles(Path.Combine(root, "src", "Multiprocess"), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains(
                    $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        ];

        Assert.That(sources, Has.Length.GreaterThan(100), "the sources were found");
        Assert.That(
            sources.Where(file => LooksUp().IsMatch(File.ReadAllText(file))).Select(Path.GetFileName), Is.Empty);
    }

    [TestCase("Type.GetType(name)", true)]
    [TestCase("assembly.GetType(name)", true)]
    [TestCase("Assembly.Load(name)", true)]
    [TestCase("Activator.CreateInstance(type)", true)]
    [TestCase("exception.GetType().FullName", false)]
    [TestCase("Type.GetTypeCode(type)", false)]
    public void The_search_finds_what_it_is_for(string code, bool isFound)
        => Assert.That(LooksUp().IsMatch(code), Is.EqualTo(isFound));

    [GeneratedRegex(
        @"\.GetType\([^)]|\.GetTypes\(|Assembly\.Load|Activator\.CreateInstance|GetUninitializedObject|BinaryFormatter")]
    private static partial Regex LooksUp();
}
