using System.Text.RegularExpressions;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Tests.Baselines;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>What the documents show is what happens.</summary>
public sealed class DocumentTests
{
    private const string Surroundings = """
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using MessagePack;
        using Multiprocess;
        using Multiprocess.CapnProto;

        """;

    private const string Types = """
        public record Order(int Id);
        public record Invoice(int Id);
        public record Circle(int Radius);
        public record Line(int Length);
        """;

    private static readonly string s_generators = Path.Combine(GeneratorRun.ProjectDirectory, "..", "..", "generators");

    // No example makes the generator fail.
    private static IEnumerable<string> Ids
        => Rules.OfContracts.Where(rule => rule != Rules.Failure).Select(rule => rule.Id);

    private static IEnumerable<string> BaselineIds => Rules.OfBaselines.Select(rule => rule.Id);

    [TestCaseSource(nameof(Ids))]
    public async Task Example_of_a_help_page_is_refused_and_its_fix_is_not(string id)
    {
        var blocks = CodeBlocks(Path.Combine(s_generators, "diagnostics", id + ".md"));
        Assert.That(blocks, Has.Count.EqualTo(2));

        var refused = await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(Surroundings + blocks[0] + Types));
        var accepted = await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(Surroundings + blocks[1] + Types));

        Assert.That(refused.Select(diagnostic => diagnostic.Id), Is.Not.Empty.And.All.EqualTo(id));
        Assert.That(accepted, Is.Empty);
        GeneratorRun.GenerateAndCompile(Surroundings + blocks[1] + Types);
    }

    [TestCaseSource(nameof(BaselineIds))]
    public async Task Example_of_a_help_page_about_baselines_is_reported_and_its_fix_is_not(string id)
    {
        string page = Path.Combine(s_generators, "diagnostics", id + ".md");
        var compilation = GeneratorRun.Compile(CodeBlocks(page)[0]);
        var texts = CodeBlocks(page, "text");

        var reported = await BaselineHarness.AnalyzeAsync(compilation, texts[0]);
        var accepted = await BaselineHarness.AnalyzeAsync(
            CodeBlocks(page).ElementAtOrDefault(1) is { } source ? GeneratorRun.Compile(source) : compilation,
            texts[^1]);

        Assert.That(
            reported.Select(diagnostic => diagnostic.Id),
            Is.Not.Empty.And.All.EqualTo(id),
            () => string.Join('\n', reported));
        Assert.That(accepted, Is.Empty);
    }

    [Test]
    public void Generated_method_in_the_readme_is_the_one_that_is_generated()
    {
        string shown = CodeBlocks(Path.Combine(s_generators, "README.md"))[1];
        string method = shown[shown.IndexOf("    // 0x", StringComparison.Ordinal)..shown.LastIndexOf('}')];

        string snapshot = File.ReadAllText(
            Path.Combine(GeneratorRun.ProjectDirectory, "Snapshots", "Calculator.generated.txt"));

        Assert.That(snapshot, Does.Contain(method));
    }

    [TestCase(@"`((?:Parsing|Emitting|Diagnostics|Model)/\w+\.cs)`")]
    public void Files_that_the_readme_names_exist(string pattern)
    {
        var files = Regex
            .Matches(File.ReadAllText(Path.Combine(s_generators, "README.md")), pattern)
            .Select(match => match.Groups[1].Value)
            .ToList();

        Assert.That(files, Has.Count.GreaterThan(5));
        Assert.That(files.Select(file => Path.Combine(s_generators, "Multiprocess.Generator", file)), Has.All.Exist);
    }

    private static List<string> CodeBlocks(string path, string language = "csharp")
        =>
            [
                .. Regex.Matches(
                    File.ReadAllText(path),
                    $"```{language}\n(.*?)```",
                    RegexOptions.Singleline).Select(match => match.Groups[1].Value),
            ];
}
