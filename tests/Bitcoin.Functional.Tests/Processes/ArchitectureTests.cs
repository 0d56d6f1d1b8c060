using System.Text.RegularExpressions;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

/// <summary>
/// Who may know what: the toolkit is known to the contracts and to the hosts, and libraries know each other by
/// contracts only.
/// </summary>
internal sealed class ArchitectureTests
{
    private static readonly string s_sample = Path.GetFullPath(
        Path.Combine(HostFolder.Path, "../../../samples/Bitcoin"));

    private static readonly string[] s_libraries =
        [
            "Primitives", "Chain", "Hosting", "Rpc", "Node", "Wallet", "Indexes", "Gui", "Single",
        ];

    private const string Secret = "SecretString";

    private static readonly string[] s_attributes =
        [
            "IpcInterface",
            "IpcFault",
            "IpcUnion",
            "IpcSensitive",
            "IpcMethod",
            "IpcOneWay",
            "IpcLocal",
            "IpcConverter",
        ];

    [Test]
    public void No_library_names_the_toolkit()
    {
        string[] found =
            [
                .. Sources(s_libraries).Where(
                    static file => Regex.IsMatch(WithoutSecrets(file), @"\bMultiprocess\b|\bIpc[A-Z]\w+")),
            ];

        Assert.That(found, Is.Empty);
    }

    /// <summary>
    /// A library may name one type of the toolkit: the text that is wiped, which the build without the toolkit has too.
    /// </summary>
    private static string WithoutSecrets(string file)
    {
        string text = File.ReadAllText(file);
        return text.Contains(Secret, StringComparison.Ordinal)
            ? text.Replace("using Multiprocess;", "", StringComparison.Ordinal)
            : text;
    }

    [Test]
    public void Contracts_name_nothing_of_the_toolkit_but_its_attributes_and_secrets()
    {
        IEnumerable<string> named = Sources(["Interfaces"])
            .Where(static file => !file.Contains("WithoutToolkit", StringComparison.Ordinal))
            .SelectMany(
                static file => Regex.Matches(
                    File.ReadAllText(file), @"\bIpc[A-Z]\w+|\bSecretString\b").Select(static match => match.Value))
            .Distinct();

        Assert.That(named.Except([.. s_attributes, Secret]), Is.Empty);
    }

    [Test]
    public void Only_contracts_and_hosts_refer_to_the_toolkit()
    {
        // What a program consists of stands beside its project, for programs of other currencies.
        IEnumerable<string> projects = Directory.EnumerateFiles(s_sample, "*.csproj", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(s_sample, "Program.props", SearchOption.AllDirectories))
            .Where(static project => File.ReadAllText(project).Contains("src/Multiprocess/", StringComparison.Ordinal))
            .Select(static project => Path.GetFileName(project) == "Program.props"
                ? Path.GetFileName(Path.GetDirectoryName(project))!
                : Path.GetFileNameWithoutExtension(project));

        Assert.That(
            projects.Order(StringComparer.Ordinal),
            Is.EqualTo(new[]
            {
                "Bitcoin.Interfaces", "bitcoin-cli", "bitcoin-gui", "bitcoin-index", "bitcoin-node", "bitcoin-wallet"
            }));
    }

    [TestCase("Wallet", "Node|Chain|Gui")]
    [TestCase("Node", "Wallet|Gui|Indexes")]
    [TestCase("Indexes", "Node|Chain|Wallet|Gui|Rpc")]
    [TestCase("Gui", "Node|Chain|Wallet|Rpc")]
    [TestCase("Chain", "Interfaces|Node|Wallet|Gui|Hosting|Rpc")]
    public void Libraries_talk_to_each_other_through_the_contracts(string library, string strangers)
    {
        string project = File.ReadAllText(Path.Combine(s_sample, library, $"Bitcoin.{library}.csproj"));

        Assert.That(Regex.Matches(project, $@"\.\./({strangers})/"), Is.Empty);
        Assert.That(
            Sources([library]).Where(file => Regex.IsMatch(File.ReadAllText(file), $@"using Bitcoin\.({strangers});")),
            Is.Empty);
    }

    [Test]
    public void A_host_is_a_short_Main()
    {
        foreach (string program in Directory.EnumerateFiles(s_sample, "Program.cs", SearchOption.AllDirectories))
        {
            // The whole program of the template watch is its Main.
            int most = Path.GetFileName(Path.GetDirectoryName(program)) == "TemplateWatch" ? 40 : 25;
            Assert.That(File.ReadAllLines(program), Has.Length.LessThanOrEqualTo(most), program);
        }
    }

    private static IEnumerable<string> Sources(IEnumerable<string> folders)
    {
        return folders
            .SelectMany(
                static folder => Directory.EnumerateFiles(
                    Path.Combine(s_sample, folder), "*.cs", SearchOption.AllDirectories))
            .Where(
                static file => !file.Contains(
                    $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    }
}
