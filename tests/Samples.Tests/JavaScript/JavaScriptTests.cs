using Multiprocess;

namespace Samples.Tests.JavaScript;

/// <summary>A client in JavaScript, written from src/PROTOCOL.md alone, against servers in C#.</summary>
public sealed class JavaScriptTests
{
    private const string Samples = "samples/Calculator";
    private const string Shell = "/bin/sh";

    private string _folder = null!;

    /// <summary>
    /// A folder with the client and what its lock file says it needs; skipped, visibly, where that cannot be had.
    /// </summary>
    [OneTimeSetUp]
    public async Task InstallPackages()
    {
        _folder = Directory.CreateTempSubdirectory("js-").FullName;
        foreach (string file in new[]
        {
            $"{Samples}/client.mjs",
            $"{Samples}/package.json",
            $"{Samples}/package-lock.json",
            "tests/Samples.Tests/JavaScript/office.mjs"
        })
        {
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(_folder, Path.GetFileName(file)));
        }

        using var install = RunningProgram.Start(
            Shell, _folder, "-c", "command -v node && npm ci --no-audit --no-fund");
        await install.ReadToEnd();
        (int code, string errors) = await install.WaitForExit();
        if (code != 0)
        {
            Assert.Ignore($"Node, npm or the package @msgpack/msgpack is not here (Debian: nodejs, npm). {errors}");
        }
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Calculator_is_called_calls_back_throws_and_is_released()
    {
        using var server = RunningProgram.Start(Repository.Program($"{Samples}/Calculator.Server"), _folder);
        await server.ReadLine();

        string[] said = await Run("node client.mjs calc.sock");

        Assert.That(said, Is.EqualTo(new[]
        {
            "The server serves Calc.ICalculator.",
            "2 + 3 = 5",
            "Watched 3, inside request 1.",
            "7 / 2 = [ true, 3 ]",
            "20 + 22 = 42",
            "System.Threading.Tasks.TaskCanceledException",
            "System.OverflowException",
        }));
    }

    [Test]
    public async Task Every_kind_of_member_works_and_an_interface_that_the_client_implements()
    {
        using var server = IpcServer.Listen<IOffice>(
            $"unix:{_folder}/office.sock", connection => new Office(connection));

        string[] said = await Run("node office.mjs office.sock");

        Assert.That(said, Is.EqualTo(new[]
        {
            "property: [\"of JavaScript\"]",
            "indexer: [null]",
            "ref: [42]",
            "record: [[\"Ada\",37,[\"a\",null]]]",
            "value task: [\"x!\"]",
            "one-way: [\"first,second\"]",
            "event: [\"one\"]",
            "called inside: \"of JavaScript\"",
            "interface: [\"9 and 3\"]",
            "called inside: \"of JavaScript\"",
            "thrown here: [\"Not by zero.\"]",
            "slowly: [42]",
            "theirs: [5]",
            "sent home: [true]",
            "exception: [\"System.FormatException\",\"on purpose\",2]",
            "missing: 6",
            "held here: 0",
            "held there: [0]",
        }));
    }

    [Test]
    public void Client_has_at_most_120_lines()
    {
        Assert.That(
            File.ReadAllLines(Path.Combine(Repository.Root, Samples, "client.mjs")), Has.Length.LessThanOrEqualTo(120));
    }

    private async Task<string[]> Run(string command)
    {
        using var client = RunningProgram.Start(Shell, _folder, "-c", "exec " + command);
        string[] said = await client.ReadToEnd();
        (int code, string errors) = await client.WaitForExit();
        Assert.That(code, Is.Zero, errors);
        return said;
    }
}
