namespace Multiprocess.Tool.Tests;

/// <summary><c>baseline</c>, <c>check</c> and <c>capnp</c>, over a built assembly.</summary>
[CancelAfter(120_000)]
public sealed class ContractTests
{
    private static readonly string s_assembly = Path.Combine(AppContext.BaseDirectory, "multiprocess-tool-server.dll");

    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("mpt").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_baseline_is_written_and_fits()
    {
        string file = Path.Combine(_directory, "contracts.txt");

        ToolRun.Done("baseline", s_assembly, file);

        Assert.That(
            File.ReadAllText(file),
            Does.Contain("interface Example.Shop.IShop\n").And.Contains("record Example.Shop.Person\n"));
        Assert.That(ToolRun.Done("check", s_assembly, file).Output, Is.Empty);
        Assert.That(
            ToolRun.Done("check", s_assembly, file, "--json").Value.ToJsonString(),
            Is.EqualTo("""{"exitCode":0,"differences":[]}"""));
    }

    [Test]
    public void A_break_is_told_and_the_exit_code_says_so()
    {
        string file = Path.Combine(_directory, "contracts.txt");
        ToolRun.Done("baseline", s_assembly, file);
        File.WriteAllText(
            file,
            File.ReadAllText(file)
                .Replace(
                    "  146EDA0E Add(System.Int32,System.Int32):System.Int32",
                    "  00000001 Add(System.Int32,System.Int32):System.Int32"));

        ToolRun run = ToolRun.Of("check", s_assembly, file);

        Assert.That(run.Code, Is.EqualTo(ExitCode.No));
        Assert.That(run.Output, Does.StartWith("breaks: ").And.Contains("Add"));
        Assert.That(ToolRun.Of("check", s_assembly, file, "--json").Value["differences"]!.AsArray(), Is.Not.Empty);
    }

    [Test]
    public void A_schema_is_written()
    {
        Assert.That(ToolRun.Done("capnp", s_assembly).Output, Does.Contain("interface "));
        string file = Path.Combine(_directory, "shop.capnp");
        ToolRun.Done("capnp", s_assembly, file);
        Assert.That(File.ReadAllText(file), Does.Contain("interface "));
    }

    [TestCase("check", "/nowhere/at-all.dll", "/nowhere/contracts.txt")]
    [TestCase("baseline", "/nowhere/at-all")]
    [TestCase("capnp", "/nowhere/at-all.dll")]
    public void What_is_not_there_is_an_error(params string[] args)
    {
        ToolRun run = ToolRun.Of(args);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.Contain("/nowhere/at-all"));
    }

    [Test]
    public void An_assembly_needs_the_file_of_its_baseline()
    {
        ToolRun run = ToolRun.Of("check", s_assembly);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.Contain("Expected the file of the baseline"));
    }
}
