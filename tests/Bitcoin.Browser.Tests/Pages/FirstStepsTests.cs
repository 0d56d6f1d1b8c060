using System.Globalization;
using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Pages;

/// <summary>What a newcomer does first, from the start without a wallet to a payment with a raised fee.</summary>
[TestFixtureSource(typeof(Programs), nameof(Programs.All))]
internal sealed class FirstStepsTests(string program) : BrowserTest(program)
{
    private const string Passphrase = "correct horse";

    [Test]
    public async Task A_newcomer_makes_a_wallet_receives_mines_sends_raises_the_fee_and_finds_it_again()
    {
        Host gui = StartPage();
        IPage page = await Open(gui);

        ILocator first = page.GetByTestId("no-wallet");
        await Expect(first).ToContainTextAsync(RegtestDirectory);
        await Fill(first.GetByTestId("name"), "savings");
        await Fill(first.GetByTestId("passphrase"), Passphrase);
        await Fill(first.GetByTestId("again"), Passphrase);
        await first.GetByTestId("create").ClickAsync();
        ILocator shown = page.GetByTestId("words").GetByRole(AriaRole.Listitem);
        await Expect(shown).ToHaveCountAsync(12);
        IReadOnlyList<string> words = await shown.AllInnerTextsAsync();
        await page.GetByTestId("written").ClickAsync();
        for (int i = 0; i < 3; i++)
        {
            ILocator asked = page.GetByTestId($"word-{i}");
            int place = int.Parse((await asked.GetAttributeAsync("data-place"))!, CultureInfo.InvariantCulture);
            await Fill(asked, words[place - 1]);
        }

        await page.GetByTestId("confirm").ClickAsync();
        await Expect(page.GetByTestId("available")).ToHaveTextAsync("0.00000000\u00a0BTC");
        Assert.That(await page.ContentAsync(), Does.Not.Contain(Passphrase).And.Not.Contain(string.Join(' ', words)));

        await Go(page, "Receive");
        await page.GetByTestId("label").FillAsync("rent");
        await page.GetByTestId("make").ClickAsync();
        await Expect(page.GetByTestId("qr")).ToBeVisibleAsync();
        string address = (await page.GetByTestId("copied-text").First.InnerTextAsync()).Trim();
        await Expect(page.GetByTestId("request")).ToContainTextAsync($"bitcoin:{address}?label=rent");

        await Command(page, $"generatetoaddress 101 {address}");
        await Expect(page.GetByTestId("node")).ToContainTextAsync("Block 101");
        await Go(page, "Overview");
        await Expect(page.GetByTestId("available")).ToHaveTextAsync("50.00000000\u00a0BTC");

        await Go(page, "Send");
        await page.GetByTestId("address").FillAsync(Address);
        await page.GetByTestId("amount").FillAsync("1.5");
        await page.GetByTestId("label").FillAsync("Alice");
        await page.GetByTestId("label").BlurAsync();
        await page.GetByTestId("review").ClickAsync();
        await Expect(page.GetByTestId("summary")).ToBeVisibleAsync();
        await page.GetByTestId("send").ClickAsync();
        await page.GetByTestId("passphrase").FillAsync(Passphrase);
        await page.GetByTestId("unlock").ClickAsync();
        await Expect(page.GetByTestId("sent")).ToBeVisibleAsync();

        await Go(page, "Transactions");
        await page.GetByTestId("search").FillAsync("alice");
        ILocator found = page.GetByTestId("payment");
        await Expect(page.GetByTestId("count")).ToContainTextAsync("1 of 102");
        await Expect(found).ToHaveCountAsync(1);
        await Expect(found).ToContainTextAsync("Alice");
        await found.ClickAsync();
        string id = (await page.GetByTestId("id").InnerTextAsync()).Trim();
        await page.GetByTestId("bump").ClickAsync();
        await page.GetByTestId("passphrase").FillAsync(Passphrase);
        await page.GetByTestId("unlock").ClickAsync();
        await Expect(page.GetByText("The fee is")).ToBeVisibleAsync();
        Assert.That(Rpc("savings").Call("gettransaction", id)!["replaced_by_txid"]?.ToString(), Has.Length.EqualTo(64));
        Assert.That(Rpc("savings").Call("getwalletinfo")!["unlocked_until"]!.GetValue<long>(), Is.Zero, "locked again");
        Assert.That(await page.ContentAsync(), Does.Not.Contain(Passphrase));

        await RestoreFrom(words, page);
    }

    /// <summary>The words bring the coins back, in another wallet that looks for them in the chain.</summary>
    private async Task RestoreFrom(IReadOnlyList<string> words, IPage page)
    {
        Rpc().Call("generatetoaddress", 1, Address);
        Rpc().Call("syncwithvalidationinterfacequeue");
        string balances = Rpc("savings").Call("getbalances")!["mine"]!["trusted"]!.ToJsonString();
        Rpc().Call("unloadwallet", "savings");
        await Go(page, "Wallets");
        await Fill(page.GetByTestId("name"), "again");
        await page.GetByTestId("old-words").ClickAsync();
        await Fill(page.GetByTestId("words-of-mine"), string.Join("  ", words).ToUpperInvariant());
        await page.GetByTestId("create").ClickAsync();
        await Expect(page.GetByTestId("wallet")).ToHaveTextAsync("again");
        WaitUntil(
            () => Rpc("again").Call("getbalances")!["mine"]!["trusted"]!.ToJsonString() == balances,
            "the coins of the words are found");
    }
}
