using System.Text.RegularExpressions;
using Calc;
using Multiprocess;

namespace Samples.Tests;

/// <summary>
/// Holds the code of README.md and of the pages in docs against code that is compiled, and runs what README.md shows.
/// </summary>
/// <remarks>
/// A block that begins with <c>```cs</c> is of a library that cannot be had, and is compiled by nobody.
/// </remarks>
public sealed partial class ReadmeTests
{
    private static readonly string[] s_compiled =
    [
        "samples/Calculator",
        "samples/Hosting",
        "tests/Bitcoin.Functional.Tests",
        "tests/Multiprocess.AspNetCore.Tests",
        "tests/Multiprocess.CapnProto.Tests",
        "tests/Multiprocess.Hosting.Program",
        "tests/Multiprocess.Hosting.Tests",
        "tests/Multiprocess.Peers",
        "tests/Samples.Tests"
    ];

    private static IEnumerable<string> Pages =>
    [
        "README.md", "CONTRIBUTING.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
        .Select(page => Path.GetRelativePath(Repository.Root, page))
        .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<TestCaseData> Blocks
    {
        get
        {
            foreach (string page in Pages)
            {
                string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, page));
                for (int i = 0; i < lines.Length; i++)
                {
                    if (lines[i] == "```csharp")
                    {
                        string[] block = [.. lines.Skip(i + 1).TakeWhile(line => line != "```")];
                        yield return new TestCaseData(new object[] { block }).SetArgDisplayNames(
                            $"{page}, line {i + 2}, {block[0]}");
                    }
                }
            }
        }
    }

    [TestCaseSource(nameof(Blocks))]
    public void Code_of_a_page_is_code_that_is_compiled(string[] block)
    {
        IEnumerable<string> files = s_compiled
            .SelectMany(
                folder => Directory.EnumerateFiles(
                    Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal));

        Assert.That(
            files.Any(file => Contains(File.ReadAllLines(file), block)), Is.True, () => string.Join('\n', block));
    }

    private static IEnumerable<string> PagesForUsers => Pages.Where(page => page != "CONTRIBUTING.md");

    [TestCaseSource(nameof(PagesForUsers))]
    public void A_page_for_users_names_no_tests(string page)
        => Assert.That(
            PromiseTests.TestName().Matches(File.ReadAllText(Path.Combine(Repository.Root, page))), Is.Empty);

    [Test]
    public void Readme_is_one_page()
        => Assert.That(File.ReadAllLines(Path.Combine(Repository.Root, "README.md")), Has.Length.AtMost(100));

    [TestCaseSource(nameof(Pages))]
    public void Files_that_a_page_links_to_exist(string page)
    {
        MatchCollection links = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)));

        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        Assert.That(
            links.Select(link => link.Groups["path"].Value).Where(path => !Path.Exists(Path.Combine(folder, path))),
            Is.Empty);
    }

    [TestCase("Multiprocess")]
    [TestCase("Multiprocess.AspNetCore")]
    [TestCase("Multiprocess.CapnProto")]
    [TestCase("Multiprocess.Hosting")]
    [TestCase("Multiprocess.OpenTelemetry")]
    [TestCase("Multiprocess.Streams")]
    [TestCase("Multiprocess.Testing")]
    public void Readme_of_a_package_names_its_version_and_links_to_nothing_outside_of_it(string package)
    {
        string version = VersionElement()
            .Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"))).Groups["version"].Value;
        string text = File.ReadAllText(Path.Combine(Repository.Root, "src", package, "PACKAGE.md"));

        Assert.That(
            PackageVersion().Matches(text).Select(match => match.Groups["version"].Value),
            Is.Not.Empty.And.All.EqualTo(version));
        Assert.That(Link().Matches(text), Is.Empty, "a link of the repository is dead in a package");
    }

    [Test]
    public void Server_and_client_of_the_readme_run()
    {
        string before = Environment.CurrentDirectory;
        string folder = Directory.CreateTempSubdirectory("calc-").FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            using var server = IpcServer.Listen<ICalculator>("unix:calc.sock", connection => new Calculator());

            Assert.That(Client(), Is.EqualTo(5));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }

        static int Client()
        {
            using var connection = IpcConnection.Connect<ICalculator>("unix:calc.sock");
            int five = connection.Root.Add(2, 3);
            return five;
        }
    }

    [Test]
    public void Pair_of_the_readme_runs()
    {
        using var pair = IpcTestPair.Create<ICalculator>(new Calculator());
        int seven = pair.Root.Add(3, 4);

        Assert.That(seven, Is.EqualTo(7));
    }

    [GeneratedRegex(@"\]\((?<path>[\w./-]+)(?:#[\w-]+)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"<Version>(?<version>[^<]+)</Version>")]
    private static partial Regex VersionElement();

    [GeneratedRegex(@"<PackageReference Include=""Multiprocess[.\w]*"" Version=""(?<version>[^""]+)""")]
    private static partial Regex PackageVersion();

    /// <summary>Whether the block stands in the file as it is, but for its indentation.</summary>
    private static bool Contains(string[] file, string[] block)
        => Enumerable.Range(0, Math.Max(0, file.Length - block.Length + 1))
            .Any(start => block.Select((line, i) => line.Trim() == file[start + i].Trim()).All(equal => equal));
}
