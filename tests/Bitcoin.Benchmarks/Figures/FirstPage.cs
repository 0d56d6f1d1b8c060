using System.Net;
using Bitcoin.Benchmarks.Bare;
using Bitcoin.Benchmarks.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Bitcoin.Benchmarks.Figures;

/// <summary>
/// The first page of bitcoin-gui in a browser that has nothing of it, until the page is connected to its program;
/// beside the same of a Blazor page with one line.
/// </summary>
internal static class FirstPage
{
    private const string Browser = "/usr/bin/chromium";

    internal static void Measure(Bench bench)
    {
        if (!File.Exists(Browser))
        {
            Bench.LeaveOut("first-page", $"no {Browser}.");
            return;
        }

        MeasureAsync(bench).GetAwaiter().GetResult();
    }

    private static async Task MeasureAsync(Bench bench)
    {
        await using WebApplication bare = await ServeBare();
        string bareAddress = bare.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        using NodeProcess gui = new("bitcoin-gui", "regtest", "-nobrowser");
        gui.WaitUntilAnswering();
        gui.Wait(() => Entry(gui).Length > 0);
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Browser });
        double[] seconds = bench.Values(
            () => Show(browser, bareAddress, "#line:has-text('connected')").GetAwaiter().GetResult(),
            () => Show(browser, Entry(gui), "[data-test=node]:has-text('regtest')").GetAwaiter().GetResult());
        bench.Baseline("first-page-bare", seconds[0] * 1000, "ms");
        bench.Figure("first-page", seconds[1] * 1000, "ms", seconds[1] / seconds[0]);
    }

    /// <summary>From the request to the moment when the element is there, in seconds.</summary>
    private static async Task<double> Show(IBrowser browser, string address, string element)
    {
        // Each context has an empty cache and no cookies.
        await using IBrowserContext context = await browser.NewContextAsync();
        IPage page = await context.NewPageAsync();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync(element);
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The last printed address: each lets in one browser.</summary>
    private static string Entry(NodeProcess gui)
        => gui.Output.Split('\n').LastOrDefault(static line => line.Contains("http://", StringComparison.Ordinal))
            ?.Trim().Split(' ')[^1] ?? "";

    private static async Task<WebApplication> ServeBare()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        WebApplication web = builder.Build();
        web.UseAntiforgery();
        byte[] script = Script();
        web.MapGet("/_framework/blazor.web.js", () => Results.Bytes(script, "text/javascript"));
        web.MapRazorComponents<BareApp>().AddInteractiveServerRenderMode();
        await web.StartAsync();
        return web;
    }

    private static byte[] Script()
    {
        using Stream script = typeof(FirstPage).Assembly.GetManifestResourceStream("blazor.web.js")!;
        using MemoryStream bytes = new();
        script.CopyTo(bytes);
        return bytes.ToArray();
    }
}
