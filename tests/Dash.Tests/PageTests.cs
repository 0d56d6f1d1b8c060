using System.Text.RegularExpressions;
using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Host;
using Bitcoin.GuiWeb.Model;
using Bitcoin.GuiWeb.Pages;
using Bitcoin.GuiWeb.Parts;
using Bunit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dash.Tests;

/// <summary>The page of dash-gui: Bitcoin's page, with Dash's words and colours.</summary>
internal sealed class PageTests : PageTest
{
    [TestCase(AmountUnit.Btc, "12.50000000 DASH")]
    [TestCase(AmountUnit.MilliBtc, "12,500.00000 mDASH")]
    [TestCase(AmountUnit.Satoshi, "1,250,000,000 duff")]
    public void Amounts_are_in_Dashs_units(AmountUnit unit, string shown)
    {
        Choices.Choose(values => values with { Unit = unit });

        IRenderedComponent<Overview> page = Show<Overview>();

        WaitFor(page, () => Assert.That(Of(page, "available"), Is.EqualTo(shown)));
    }

    [Test]
    public async Task A_request_to_be_paid_is_a_link_of_Dash_to_an_address_of_its_only_kind()
    {
        Node.Answer("listreceivedbyaddress", "[]");
        Node.Answer("getnewaddress", "\"yNew\"");
        IRenderedComponent<Receive> page = Show<Receive>();

        // On the page's own thread: the history may come and render the page anew between the two steps.
        await page.InvokeAsync(() => page.Find("button[data-test=make]").Click());

        WaitFor(page, () => Assert.That(Of(page, "request"), Does.Contain("dash:yNew")));
        Assert.That(page.FindAll("[data-test=kind]"), Is.Empty);
        Assert.That(page.Markup, Does.Not.Contain("SegWit").And.Not.Contain("Taproot"));
        string asked = Node.Calls.Single(static call => call.Method == "getnewaddress").Parameters;
        Assert.That(asked, Is.EqualTo("""["","legacy"]"""));
    }

    [Test]
    public void Waits_and_fee_rates_are_Dashs()
    {
        IRenderedComponent<Send> page = Show<Send>();

        Assert.That(page.Markup, Does.Contain("dash: link").And.Contain("6 blocks, about 15 minutes"));
        Assert.That(new Formats[] { Formats.English, Formats.German }.Select(static formats => formats.Rate(2)),
            Is.EqualTo(["2.0\u00a0duff/B", "2,0\u00a0duff/B"]));
        Assert.That(page.Markup, Does.Not.Contain("vB").And.Not.Contain("BTC"));
    }

    [Test]
    public void The_theme_has_Dashs_colours()
    {
        Assert.That(Theme.Look.PaletteLight.Primary.Value, Does.StartWith("#0b5fa5"));
        Assert.That(Theme.Look.PaletteDark.Primary.Value, Does.StartWith("#7cc4ff"));
    }

    [Test]
    public void Title_icon_and_cookie_that_are_served_are_Dashs()
    {
        using PageServer server = PageServer.Start(0, Model, Choices, NullLoggerFactory.Instance);
        int port = new Uri(server.Origin).Port;
        RawHttp.Answer entered = Get(server.NewEntry()[server.Origin.Length..]);
        string cookie = Regex.Match(entered.Head, "Set-Cookie: ([^;]+);", RegexOptions.IgnoreCase).Groups[1].Value;

        string page = Get("/", $"Cookie: {cookie}").Body;
        string icon = Get("/assets/icon.svg", $"Cookie: {cookie}").Body;

        Assert.That(cookie, Does.StartWith($"dash-gui-{port}="));
        Assert.That(page, Does.Contain("<title>dash</title>"));
        Assert.That(icon, Does.Contain("fill=\"#0b5fa5\""));
        Assert.That(entered.Body + page + icon, Does.Not.Contain("bitcoin").IgnoreCase);

        RawHttp.Answer Get(string path, params string[] headers)
            => RawHttp.Send(port, $"GET {path}", [$"Host: 127.0.0.1:{port}", .. headers]);
    }
}
