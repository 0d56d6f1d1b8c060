using System.Reflection;
using System.Text.RegularExpressions;

namespace Dash.Tests;

/// <summary>What differs between two currencies stands in their own files alone.</summary>
public partial class SeamTests
{
    private static readonly string s_samples = typeof(SeamTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "Samples").Value!;

    /// <summary>Bitcoin's side of the seam, and two programs that only it has.</summary>
    private static readonly string[] s_own =
        [
            "Primitives/BitcoinCurrency.cs", "Primitives/BitcoinNetworks.cs", "Primitives/Currency.cs", "TemplateWatch/",
            "bitcoin/",
        ];

    [Test]
    public void No_library_and_no_host_names_a_currency_in_a_text()
    {
        string[] found =
        [
            .. Sources("Bitcoin").SelectMany(static file => Texts(file)
                .Where(static text => Currencies().IsMatch(text))
                .Select(text => $"{file}: {text}")),
        ];

        Assert.That(found, Is.Empty);
    }

    [Test]
    public void No_library_and_no_host_names_a_currencys_networks_or_rules()
    {
        string[] found =
        [
            .. Sources("Bitcoin")
                .Where(static file => !Allowed(file) && OwnTypes().IsMatch(Code(file)))
                .Where(static file => !Path.GetFileName(file).Equals("Program.cs", StringComparison.Ordinal)),
        ];

        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Dashs_programs_choose_the_currency_and_run_what_Bitcoins_run()
    {
        foreach (string program in Directory.EnumerateFiles(
            Path.Combine(s_samples, "Dash"), "Program.cs", SearchOption.AllDirectories))
        {
            string theirs = program.Replace("/Dash/dash", "/Bitcoin/bitcoin", StringComparison.Ordinal);
            string[] lines = File.ReadAllLines(program);

            Assert.That(
                lines.Where(static line => line != "using Dash;")
                    .Select(static line => line.Replace("Dash", "Bitcoin", StringComparison.Ordinal)),
                Is.EqualTo(File.ReadAllLines(theirs)),
                program);
        }
    }

    [Test]
    public void Dashs_folder_has_rules_hashes_and_programs_and_no_other_code()
    {
        string[] found =
        [
            .. Sources("Dash").Where(static file => !file.Contains("/Rules/", StringComparison.Ordinal)
                && !file.Contains("/Hashes/", StringComparison.Ordinal)
                && Path.GetFileName(file) != "Program.cs"),
        ];

        Assert.That(found, Is.Empty);
    }

    [TestCase("Text(\"Bitcoin Core\")", true)]
    [TestCase("Text($\"{x} BTC\")", true)]
    [TestCase("Text(\"1 duff\")", true)]
    [TestCase("Text(\"a dashed line\")", false)]
    [TestCase("// \"bitcoin\"", false)]
    [TestCase("using Bitcoin.Chain;", false)]
    public void A_text_that_names_a_currency_is_found(string line, bool isFound)
        => Assert.That(TextsOf(line).Any(static text => Currencies().IsMatch(text)), Is.EqualTo(isFound));

    private static IEnumerable<string> Sources(string folder)
        => Directory.EnumerateFiles(Path.Combine(s_samples, folder), "*.*", SearchOption.AllDirectories)
            .Where(static file => Path.GetExtension(file) is ".cs" or ".razor")
            .Where(static file => !file.Split('/').Any(static part => part is "obj" or "bin"));

    private static bool Allowed(string file)
        => s_own.Any(own => file.Contains("samples/Bitcoin/" + own, StringComparison.Ordinal));

    private static IEnumerable<string> Texts(string file) => Allowed(file) ? [] : TextsOf(File.ReadAllText(file));

    /// <summary>The texts in quotes, without what is computed in them; comments and attributes are none.</summary>
    private static IEnumerable<string> TextsOf(string source)
        => source.Split('\n')
            .Where(static line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
                && !line.Contains("Justification", StringComparison.Ordinal))
            .SelectMany(static line => Quoted().Matches(line).Select(static match => Holes().Replace(match.Value, "")));

    private static string Code(string file)
        => string.Join(
            '\n',
            File.ReadLines(file).Where(
                static line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));

    [GeneratedRegex(@"""(\\.|[^""\\])*""")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Holes();

    [GeneratedRegex(
        @"bitcoin|(?-i:\bBTC\b)|\bsats?\b|\bsatoshis?\b|\bdash(d|core|-[a-z]+)?\b|\bduffs?\b", RegexOptions.IgnoreCase)]
    private static partial Regex Currencies();

    [GeneratedRegex(@"\b(BitcoinNetworks|BitcoinCurrency|DashCurrency|DashNetworks|Network\.(Main|TestNet|RegTest))\b")]
    private static partial Regex OwnTypes();
}
