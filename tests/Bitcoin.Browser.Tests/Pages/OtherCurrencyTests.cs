using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Bitcoin.Primitives;
using Dash;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Pages;

/// <summary>The same page, served by the user interfaces of another currency.</summary>
[TestFixture("dash-gui")]
[TestFixture("dash-qt")]
internal sealed class OtherCurrencyTests(string program) : BrowserTest(program)
{
    protected override ICurrency Currency => DashCurrency.Instance;

    protected override string Folder => HostFolder.DashPath;

    [Test]
    public async Task The_page_shows_Dashs_unit_links_and_colours()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        MakeWallet();
        IPage page = await Open(gui);

        await Expect(page).ToHaveTitleAsync("Overview · dash");
        await Expect(page.GetByTestId("available")).ToHaveTextAsync("500.00000000\u00a0DASH");
        string colour = await page.EvaluateAsync<string>(
            "() => getComputedStyle(document.documentElement).getPropertyValue('--mud-palette-primary').trim()");
        Assert.That(colour, Does.StartWith("rgba(11,95,165"));

        await Go(page, "Receive");
        await page.GetByTestId("make").ClickAsync();
        await Expect(page.GetByTestId("request")).ToContainTextAsync("dash:y");
        await Expect(page.GetByTestId("qr")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Document)).Not.ToContainTextAsync("BTC");
        await Keep(page, "receive");
    }
}
