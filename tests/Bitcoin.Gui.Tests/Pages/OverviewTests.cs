using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Model;
using Bitcoin.GuiWeb.Pages;
using Bitcoin.GuiWeb.Parts;
using Bitcoin.Interfaces;
using Bunit;
using NBitcoin;

namespace Bitcoin.Gui.Tests.Pages;

internal sealed class OverviewTests : PageTest
{
    private const string Received =
        """
        [{"txid":"aa","category":"receive","address":"bcrt1qa","label":"rent","amount":1.5,"confirmations":3,
        "time":1700000000}]
        """;

    [Test]
    public void Balances_are_shown_and_follow_the_wallet()
    {
        IRenderedComponent<Overview> page = Show<Overview>();
        Assert.That(Of(page, "available"), Is.EqualTo("12.50000000 BTC"));
        Assert.That(Of(page, "pending"), Is.EqualTo("0.25000000 BTC"));
        Assert.That(Of(page, "immature"), Is.EqualTo("50.00000000 BTC"));

        Wallet.Change(new WalletBalances(Money.Coins(3), Money.Zero, Money.Zero));

        WaitFor(page, () => Assert.That(Of(page, "available"), Is.EqualTo("3.00000000 BTC")));
    }

    [Test]
    public void Amounts_follow_the_unit_and_texts_the_language()
    {
        IRenderedComponent<Overview> page = Show<Overview>();

        Choices.Choose(static values => values with { Unit = AmountUnit.Satoshi, Language = "de" });

        WaitFor(page, () => Assert.That(Of(page, "available"), Is.EqualTo("1.250.000.000 sat")));
        Assert.That(page.Find("h1").TextContent, Is.EqualTo("Übersicht"));
    }

    [Test]
    public void Blocks_follow_the_chain()
    {
        IRenderedComponent<Overview> page = Show<Overview>();
        Assert.That(Of(page, "height"), Is.EqualTo("Block 7"));

        Node.Connect(new BlockTip(1234, uint256.One, 1_700_000_600), 0.25);

        WaitFor(page, () => Assert.That(Of(page, "height"), Is.EqualTo("Block 1,234")));
        Assert.That(page.Markup, Does.Contain("25.0"));
    }

    [Test]
    public void The_last_transactions_come_anew_when_the_wallet_has_changed()
    {
        IRenderedComponent<Overview> page = Show<Overview>();
        WaitFor(page, () => Assert.That(page.Markup, Does.Contain("Nothing yet")));
        Node.Answer("listtransactions", Received);

        Wallet.Change(Wallet.Balances);

        WaitFor(page, () => Assert.That(page.FindAll("[data-test=payment]"), Has.Count.EqualTo(1)));
        Assert.That(Of(page, "payment"), Does.Contain("rent").And.Contain("+1.50000000 BTC"));
        Assert.That(Of(page, "payment"), Does.Contain("3 of 6 confirmations"));
    }

    [Test]
    public void A_page_that_nothing_happens_to_asks_nothing()
    {
        IRenderedComponent<Overview> page = Show<Overview>();
        WaitFor(page, () => Assert.That(page.Markup, Does.Contain("Nothing yet")));
        int before = Node.Calls.Count;

        // Shown again for each of these, without a question.
        Choices.Choose(static values => values with { Unit = AmountUnit.MilliBtc });
        WaitFor(page, () => Assert.That(Of(page, "available"), Does.EndWith("mBTC")));
        Node.Connect(new BlockTip(8, uint256.One, 1_700_000_600));
        WaitFor(page, () => Assert.That(Of(page, "height"), Is.EqualTo("Block 8")));

        Assert.That(Node.Calls, Has.Count.EqualTo(before));
    }

    [Test]
    public void Without_a_wallet_the_way_to_one_is_shown()
    {
        Wallet.Unload();

        IRenderedComponent<Overview> page = Show<Overview>();

        Assert.That(page.Find("[data-test=no-wallet] a").GetAttribute("href"), Is.EqualTo("/wallets"));
    }

    [TestCase("<script>alert(1)</script>")]
    [TestCase("\"><img src=x onerror=alert(1)>")]
    [TestCase("")]
    public void A_wallet_may_have_any_name(string name)
    {
        Wallet.Unload();
        Node.Wallets!.Add(name);

        IRenderedComponent<WalletChoice> choice = Show<WalletChoice>();

        Assert.That(choice.FindAll("script, img"), Is.Empty);
        string shown = name.Length == 0 ? "(unnamed)" : name.Length > 24 ? name[..24] + "…" : name;
        Assert.That(Of(choice, "wallet"), Is.EqualTo(shown));
    }

    [Test]
    public void Labels_of_others_are_text()
    {
        string hostile = Received.Replace("rent", "<script>alert(1)</script>", StringComparison.Ordinal);
        Node.Answer("listtransactions", hostile);

        IRenderedComponent<Overview> page = Show<Overview>();

        WaitFor(page, () => Assert.That(Of(page, "payment"), Does.Contain("<script>alert(1)</script>")));
        Assert.That(page.FindAll("script"), Is.Empty);
    }
}
