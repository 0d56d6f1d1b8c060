using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Pages;
using Bitcoin.Interfaces;
using Bunit;
using MudBlazor;

namespace Bitcoin.Gui.Tests.Pages;

internal sealed class SendTests : PageTest
{
    [SetUp]
    public void Answer()
    {
        Node.Answer("validateaddress", """{"isvalid":true}""");
        Node.Answer("walletcreatefundedpsbt", """{"psbt":"cHNidA==","fee":0.00000282,"changepos":1}""");
        Node.Answer("analyzepsbt", """{"estimated_vsize":141}""");
        Node.Answer("getwalletinfo", """{"private_keys_enabled":true}""");
        Node.Answer("walletprocesspsbt", """{"psbt":"c2lnbmVk","complete":true}""");
        Node.Answer("finalizepsbt", """{"hex":"00ff","complete":true}""");
        Node.Answer("sendrawtransaction", "\"feed\"");
        Node.Answer("setlabel", "null");
        Node.Answer("walletpassphrase", "null");
        Node.Answer("walletlock", "null");
    }

    [Test]
    public void A_payment_is_reviewed_and_sent()
    {
        IRenderedComponent<Send> page = Show<Send>();
        Fill(page, "bcrt1qto", "1.5");

        page.Find("button[data-test=review]").Click();
        WaitFor(page, () => Assert.That(Of(page, "fee"), Is.EqualTo("0.00000282 BTC")));
        string review = page.Markup.Replace('\u00a0', ' ');
        Assert.That(review, Does.Contain("2.0 sat/vB").And.Contain("1.50000282 BTC"));
        Assert.That(Node.Calls.Select(static call => call.Method), Does.Not.Contain("sendrawtransaction"));
        page.Find("button[data-test=send]").Click();

        WaitFor(page, () => Assert.That(Of(page, "sent"), Does.Contain("feed")));
        (string _, string parameters, string uri) =
            Node.Calls.Single(static call => call.Method == "walletcreatefundedpsbt");
        Assert.That(uri, Is.EqualTo("/wallet/savings"));
        Assert.That(parameters, Does.StartWith("""[[],[{"bcrt1qto":1.5}],0,{"replaceable":true"""));
        (string _, string sent, string _) = Node.Calls.Single(static call => call.Method == "sendrawtransaction");
        Assert.That(sent, Is.EqualTo("""["00ff"]"""));
    }

    [Test]
    public void A_locked_wallet_asks_for_its_passphrase_and_is_locked_again()
    {
        bool isLocked = true;
        Node.Methods["walletprocesspsbt"] = (_, _) => isLocked
            ? throw new RpcException(RpcErrorCode.WalletUnlockNeeded, "Please enter the wallet passphrase")
            : System.Text.Json.Nodes.JsonNode.Parse("""{"psbt":"c2lnbmVk","complete":true}""");
        Node.Methods["walletpassphrase"] = (parameters, _) =>
        {
            isLocked = parameters![0]!.ToString() != "right"
                ? throw new RpcException(RpcErrorCode.WalletPassphraseIncorrect, "wrong")
                : false;
            return null;
        };
        IRenderedComponent<MudDialogProvider> dialogs = Show<MudDialogProvider>();
        IRenderedComponent<Send> page = Show<Send>();
        Fill(page, "bcrt1qto", "1.5");
        page.Find("button[data-test=review]").Click();
        WaitFor(page, () => page.Find("button[data-test=send]"));
        page.Find("button[data-test=send]").Click();

        Unlock(dialogs, "wrong");
        WaitFor(dialogs, () => Assert.That(dialogs.Markup, Does.Contain("The passphrase is wrong")));
        Unlock(dialogs, "right");

        WaitFor(page, () => Assert.That(Of(page, "sent"), Does.Contain("feed")));
        WaitFor(page, () => Assert.That(Node.Calls.Select(static call => call.Method), Does.Contain("walletlock")));
        Assert.That(dialogs.Markup + page.Markup, Does.Not.Contain("right\""));
    }

    [Test]
    public void A_wallet_without_keys_gives_what_is_to_be_signed()
    {
        Node.Answer("getwalletinfo", """{"private_keys_enabled":false}""");
        IRenderedComponent<Send> page = Show<Send>();
        Fill(page, "bcrt1qto", "1.5");
        page.Find("button[data-test=review]").Click();
        WaitFor(page, () => page.Find("button[data-test=send]"));
        page.Find("button[data-test=send]").Click();

        WaitFor(page, () => Assert.That(Of(page, "psbt"), Does.Contain("cHNidA==")));
        Assert.That(Node.Calls.Select(static call => call.Method), Does.Not.Contain("sendrawtransaction"));
    }

    [TestCase("1,5", "Expected an amount in BTC.")]
    [TestCase("0", "Expected an amount in BTC.")]
    [TestCase("-1", "Expected an amount in BTC.")]
    [TestCase("1e3", "Expected an amount in BTC.")]
    [TestCase("0.000000001", "Expected an amount in BTC.")]
    [TestCase("21000001", "Expected an amount in BTC.")]
    public void An_amount_that_is_none_is_said(string amount, string error)
    {
        IRenderedComponent<Send> page = Show<Send>();
        Fill(page, "bcrt1qto", amount);

        page.Find("button[data-test=review]").Click();

        WaitFor(page, () => Assert.That(page.Markup, Does.Contain(error)));
        Assert.That(Node.Calls.Select(static call => call.Method), Does.Not.Contain("walletcreatefundedpsbt"));
    }

    [Test]
    public void An_address_of_another_network_is_said()
    {
        Node.Answer("validateaddress", """{"isvalid":false}""");
        IRenderedComponent<Send> page = Show<Send>();
        Fill(page, "bc1qother", "1");

        page.Find("button[data-test=review]").Click();

        WaitFor(page, () => Assert.That(page.Markup, Does.Contain("Expected an address of regtest.")));
    }

    private static void Fill(IRenderedComponent<Send> page, string address, string amount)
    {
        page.Find("input[data-test=address]").Change(address);
        page.Find("input[data-test=amount]").Change(amount);
    }

    private static void Unlock(IRenderedComponent<MudDialogProvider> dialogs, string passphrase)
    {
        WaitFor(dialogs, () => dialogs.Find("input[data-test=passphrase]"));
        dialogs.Find("input[data-test=passphrase]").Input(passphrase);
        WaitFor(dialogs, () => dialogs.Find("button[data-test=unlock]:not([disabled])"));
        dialogs.Find("button[data-test=unlock]").Click();
    }
}
