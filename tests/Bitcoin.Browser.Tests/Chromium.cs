using Bitcoin.Browser.Support;
using Microsoft.Playwright;

namespace Bitcoin.Browser;

/// <summary>The system's Chromium, started once for all tests. Where there is none, all tests are skipped.</summary>
[SetUpFixture]
public sealed class Chromium
{
    private static readonly string[] s_programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

    private static IPlaywright? s_playwright;
    private static IBrowser? s_browser;

    internal static IBrowser Browser => s_browser ?? throw new InvalidOperationException("Chromium is not started.");

    [OneTimeSetUp]
    public async Task Start()
    {
        string? program = s_programs.FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Ignore("Chromium is not here (Debian: chromium).");
        }

        s_playwright = await Playwright.CreateAsync();
        s_playwright.Selectors.SetTestIdAttribute("data-test");

        // Playwright starts it without its sandbox, which does not work for root.
        s_browser = await s_playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Timeout = (float)BrowserTest.Patience.TotalMilliseconds,
        });
        Assertions.SetDefaultExpectTimeout((float)BrowserTest.Patience.TotalMilliseconds);
    }

    [OneTimeTearDown]
    public async Task End()
    {
        if (s_browser is not null)
        {
            await s_browser.DisposeAsync();
        }

        s_playwright?.Dispose();
    }
}
