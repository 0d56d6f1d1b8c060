using System.Diagnostics;

namespace Samples.Tests;

/// <summary>
/// Builds what the solution does not have, because nobody else shall restore what it needs: the code before of the
/// guides in docs, and the benchmarks beside other libraries.
/// </summary>
public sealed class PeersTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(4.5);

    [Test]
    public async Task Code_before_and_the_benchmarks_beside_others_compile()
    {
        // What it references was built with these tests.
        string project = Path.Combine(Repository.Root, "tests/Multiprocess.Peers");
        string[] arguments =
            ["build", project, "--no-dependencies", "-v", "quiet", "--configuration", Repository.Configuration];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A build that leaves processes behind keeps the output of whoever waits for it open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_bound);

        string said = await output + await errors;
        string[] notThere = ["NU1101", "NU1102", "NU1301"];
        if (process.ExitCode != 0 && notThere.Any(id => said.Contains(id, StringComparison.Ordinal)))
        {
            Assert.Ignore("A package that is compared with cannot be had here: " + said.Split('\n')[0]);
        }

        Assert.That(process.ExitCode, Is.Zero, said);
    }
}
