using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace Bitcoin.Browser.Support;

/// <summary>
/// The checks of axe-core, which npm fetches as its lock file says. Where it cannot be had, the test is skipped.
/// </summary>
internal static class Axe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<string?> s_script = new(Fetch);

    /// <summary>What is wrong with a page, a line each; only "serious" and "critical" findings.</summary>
    internal static async Task<string[]> Check(IPage page)
    {
        if (s_script.Value is not { } script)
        {
            Assert.Ignore("The package axe-core is not here (Debian: nodejs, npm).");
            return [];
        }

        await page.EvaluateAsync(script);
        JsonElement? found = await page.EvaluateAsync(
            """
            async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
                .filter(one => one.impact === "serious" || one.impact === "critical")
                .flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`))
            """);
        return [.. found!.Value.EnumerateArray().Select(static line => line.GetString()!)];
    }

    private static string? Fetch()
    {
        string folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "axe");
        string script = Path.Combine(folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
        {
            using Process shell = Process.Start(new ProcessStartInfo(
                "/bin/sh", ["-c", "command -v npm && npm ci --no-audit --no-fund"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            shell.OutputDataReceived += static (_, _) => { };
            shell.ErrorDataReceived += static (_, _) => { };
            shell.BeginOutputReadLine();
            shell.BeginErrorReadLine();
            if (!shell.WaitForExit(s_patience))
            {
                shell.Kill(entireProcessTree: true);
            }
        }

        return File.Exists(script) ? File.ReadAllText(script) : null;
    }
}
