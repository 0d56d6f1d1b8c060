using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Pages;

/// <summary>What is large, hostile or lost.</summary>
[TestFixtureSource(typeof(Programs), nameof(Programs.All))]
[Category("Long")]
internal sealed class TroubleTests(string program) : BrowserTest(program)
{
    [Test]
    public async Task Ten_thousand_transactions_are_scrolled_without_all_of_them_in_the_page()
    {
        const int Outputs = 500;
        const int Payments = 10;
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        RpcClient rpc = MakeWallet();
        JsonObject recipients = [];
        for (int i = 0; i < Outputs; i++)
        {
            recipients[rpc.Text("getnewaddress")] = 0.001;
        }

        for (int i = 0; i < Payments; i++)
        {
            rpc.Call("sendmany", "", recipients.DeepClone(), 1, "", new JsonArray(), true, null, "unset", 2);
            Rpc().Call("generatetoaddress", 1, Address);
        }

        // Each output is one payment that was sent and one that was received; before them, the block.
        IPage page = await Open(gui);
        await Go(page, "Transactions");
        await Expect(page.GetByTestId("count")).ToHaveTextAsync(
            "10,001 of 10,001", new LocatorAssertionsToHaveTextOptions { Timeout = 180_000 });
        ILocator rows = page.GetByTestId("payment");
        await Expect(rows.First).ToBeVisibleAsync();
        Assert.That(await rows.CountAsync(), Is.LessThan(60));

        await page.Locator(".page-rows").EvaluateAsync("list => list.scrollTop = list.scrollHeight");
        await Expect(rows.Last).ToContainTextAsync("Mined");
        Assert.That(await rows.CountAsync(), Is.LessThan(60));
    }

    [Test]
    public async Task A_wallet_named_like_a_script_is_a_name()
    {
        const string Name = "<script>alert(1)<script>";
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        Rpc().Call("createwallet", Name);
        IPage page = await Window();
        bool asked = false;
        page.Dialog += (_, dialog) =>
        {
            asked = true;
            _ = dialog.DismissAsync();
        };
        await page.GotoAsync(Entry(gui));

        await Expect(page.GetByTestId("wallet")).ToHaveTextAsync(Name);
        foreach (string title in (string[])["Wallets", "Receive", "Send", "Transactions", "Console"])
        {
            await Go(page, title);
        }

        await Command(page, "getwalletinfo");
        await Expect(page.GetByTestId("entry")).ToContainTextAsync(Name);
        Assert.That(asked, Is.False);
        Assert.That(await page.Locator("script:not([src])").CountAsync(), Is.Zero);
    }

    [Test]
    public async Task A_program_that_is_gone_is_said_and_its_next_page_comes_by_the_address_that_it_prints()
    {
        MayComplain = true;
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        Host gui = StartPage($"-guiport={port}");
        Rpc().WaitUntilStarted(gui);
        MakeWallet();
        IPage page = await Open(gui);
        await Expect(page.GetByTestId("available")).ToBeVisibleAsync();

        gui.Signal("TERM");
        Assert.That(gui.WaitForExit(), Is.Zero);
        await Expect(page.Locator("#components-reconnect-modal")).ToContainTextAsync("The program does not answer");
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        Host next = StartPage($"-guiport={port}");

        // The page loads itself anew. The new program does not know its cookie, and says what to do.
        await Expect(page.Locator("body")).ToContainTextAsync("with the address that the program has printed");
        IPage again = await Open(next);
        await Expect(again.GetByTestId("node")).ToContainTextAsync("Block 101");
    }

    [Test]
    public async Task What_was_chosen_stays_when_the_page_is_loaded_again()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        MakeWallet("first");
        Rpc().Call("createwallet", "second");
        IPage page = await Open(gui);
        await page.GetByTestId("wallet").ClickAsync();
        await page.GetByText("second", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("wallet")).ToHaveTextAsync("second");

        await page.ReloadAsync();

        await Expect(page.GetByTestId("wallet")).ToHaveTextAsync("second");
        IPage german = await Window(new BrowserNewContextOptions { Locale = "de-DE" });
        await german.GotoAsync(Entry(gui));
        await Expect(Title(german)).ToHaveTextAsync("Übersicht");
        await Expect(german.GetByTestId("available")).ToHaveTextAsync("0,00000000\u00a0BTC");
    }
}
