using System.Diagnostics;
using System.Runtime.Versioning;

namespace Samples.Tests;

/// <summary>
/// Runs eng/test with a dotnet that only pretends, so that what it makes of each outcome can be seen.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScriptTests
{
    private const string Sentence =
        "The .NET 10 SDK is needed and was not found; https://dotnet.microsoft.com/download/dotnet/10.0 has it.\n";

    private static readonly string[] s_tools =
        [
            "bash", "basename", "cat", "dirname", "env", "find", "grep", "head", "mktemp", "rm", "sed", "sort",
        ];

    private string _tools = null!;

    private static int ProjectCount => new[] { "tests", "samples" }
        .Select(folder => Path.Combine(Repository.Root, folder))
        .Where(Directory.Exists)
        .Sum(folder => Directory.EnumerateFiles(folder, "*Tests.csproj", SearchOption.AllDirectories).Count());

    [SetUp]
    public void MakeTools()
    {
        _tools = Directory.CreateTempSubdirectory("tools-").FullName;
        foreach (string tool in s_tools)
        {
            string program = new[] { "/usr/bin", "/bin" }.Select(
                folder => Path.Combine(folder, tool)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(_tools, tool), program);
        }
    }

    [TearDown]
    public void RemoveTools() => Directory.Delete(_tools, recursive: true);

    [TestCase("eng/test")]
    [TestCase("eng/demo")]
    public async Task Without_dotnet_a_script_says_one_sentence(string script)
        => Assert.That(await Run(script), Is.EqualTo((1, "", Sentence)));

    [TestCase("eng/test")]
    [TestCase("eng/demo")]
    public async Task With_an_older_SDK_alone_a_script_says_one_sentence(string script)
    {
        PretendDotnet("8.0.100", build: 0, test: 0, counters: null);

        Assert.That(await Run(script), Is.EqualTo((1, "", Sentence)));
    }

    [Test]
    public async Task Totals_are_those_of_all_projects()
    {
        PretendDotnet("10.0.100", build: 0, test: 0, """total="5" executed="5" passed="5" failed="0" """);

        (int code, string output, _) = await Run("eng/test");

        Assert.That(LastLine(output), Is.EqualTo($"{5 * ProjectCount} passed, 0 failed"));
        Assert.That(code, Is.Zero);
    }

    [Test]
    public async Task Failed_and_skipped_tests_are_counted()
    {
        PretendDotnet("10.0.100", build: 0, test: 1, """total="7" executed="6" passed="4" failed="2" """);

        (int code, string output, _) = await Run("eng/test");

        Assert.That(
            LastLine(output),
            Is.EqualTo($"{4 * ProjectCount} passed, {2 * ProjectCount} failed, {ProjectCount} skipped"));
        Assert.That(code, Is.EqualTo(1));
    }

    [Test]
    public async Task A_test_host_that_crashes_is_a_failure_although_every_test_passed()
    {
        PretendDotnet("10.0.100", build: 0, test: 1, """total="5" executed="5" passed="5" failed="0" """);

        (int code, string output, string errors) = await Run("eng/test");

        Assert.That(LastLine(output), Is.EqualTo($"{5 * ProjectCount} passed, {ProjectCount} failed"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("Samples.Tests: The test run did not end normally."));
    }

    [Test]
    public async Task A_project_without_results_is_a_failure()
    {
        PretendDotnet("10.0.100", build: 0, test: 0, counters: null);

        (int code, string output, string errors) = await Run("eng/test");

        Assert.That(LastLine(output), Is.EqualTo($"0 passed, {ProjectCount} failed"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("Samples.Tests: Expected tests, got none."));
    }

    [Test]
    public async Task A_build_that_fails_is_a_failure()
    {
        PretendDotnet("10.0.100", build: 1, test: 0, counters: null);

        (int code, string output, _) = await Run("eng/test");

        Assert.That(LastLine(output), Is.EqualTo("0 passed, 1 failed"));
        Assert.That(code, Is.EqualTo(1));
    }

    private static string LastLine(string output) => output.TrimEnd('\n').Split('\n')[^1];

    private void PretendDotnet(string sdk, int build, int test, string? counters)
    {
        string results = counters is null ? "" : $"""
            while [ $# -gt 0 ]; do
                case $1 in
                    --results-directory) folder=$2 ;;
                    "trx;LogFileName="*) file=$(after_equals "$1") ;;
                esac
                shift
            done
            printf '%s\n' '<ResultSummary outcome="Completed">' '  <Counters {counters}error="0" />' '</ResultSummary>' > "$folder/$file"
            """;
        string script = $$"""
            #!/usr/bin/env bash
            after_equals() { echo "${1#*=}"; }
            case $1 in
                --list-sdks) echo '{{sdk}} [/nowhere]' ;;
                build) exit {{build}} ;;
                test)
            {{results}}
                    exit {{test}} ;;
            esac
            """;
        string path = Path.Combine(_tools, "dotnet");
        File.WriteAllText(path, script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private async Task<(int Code, string Output, string Errors)> Run(string script)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, script))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = _tools;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output, await errors);
    }
}
