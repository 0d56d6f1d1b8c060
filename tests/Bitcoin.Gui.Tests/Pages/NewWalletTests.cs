using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Model;
using Bitcoin.GuiWeb.Parts;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace Bitcoin.Gui.Tests.Pages;

internal sealed class NewWalletTests : PageTest
{
    private const string Known =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

    [SetUp]
    public void Answer()
    {
        Node.Answer("createwallet", "{}");
        Node.Answer("getdescriptorinfo", """{"checksum":"abcdefgh"}""");
        Node.Answer("importdescriptors", """[{"success":true},{"success":true},{"success":true},{"success":true}]""");
        Node.Answer("walletpassphrase", "null");
        Node.Answer("walletlock", "null");
    }

    [Test]
    public async Task New_words_are_shown_and_asked_for_before_anything_is_made()
    {
        IRenderedComponent<MudDialogProvider> dialogs = Show<MudDialogProvider>();
        IRenderedComponent<NewWallet> page = Show<NewWallet>();
        await Begin(page, "fresh");
        WaitFor(dialogs, () => Assert.That(dialogs.FindAll("[data-test=words] li"), Has.Count.EqualTo(12)));
        string[] words = [.. dialogs.FindAll("[data-test=words] li").Select(static word => word.TextContent)];
        Assert.That(WordWallet.Read(string.Join(' ', words)), Is.EqualTo(words));

        await Click(dialogs, "written");
        WaitFor(dialogs, () => dialogs.Find("input[data-test=word-0]"));
        Assert.That(dialogs.Markup, Does.Not.Contain(words[0] + "</li>"), "hidden while they are asked for");
        await Confirm(dialogs, static _ => "wrong");
        WaitFor(dialogs, () => Assert.That(dialogs.Markup, Does.Contain("not the word at this place")));
        Assert.That(Made, Is.Zero);
        await Confirm(dialogs, place => words[place - 1].ToUpperInvariant() + " ");

        WaitFor(page, () => Assert.That(Methods, Does.Contain("importdescriptors")));
        Assert.That(Asked("createwallet"), Does.Contain("\"wallet_name\":\"fresh\"").And.Contain("\"blank\":true"));
        Assert.That(Asked("importdescriptors"), Does.Contain("\"timestamp\":\"now\""));
        WaitFor(dialogs, () => Assert.That(dialogs.FindAll("[data-test=words], [data-test=word-0]"), Is.Empty));
    }

    [Test]
    public async Task Known_words_give_the_published_keys_of_each_kind_and_search_the_chain()
    {
        // The root key of these words in the vectors of BIP84, for the test networks.
        const string Root =
            "tprv8ZgxMBicQKsPe5YMU9gHen4Ez3ApihUfykaqUorj9t6FDqy3nP6eoXiAo2ssvpAjoLroQxHqr3R5nE3a5dU3"
                + "DHTjTgJDd7zrbniJr6nrCzd";
        IRenderedComponent<NewWallet> page = Show<NewWallet>();
        await page.InvokeAsync(() => page.Find("input[data-test=old-words]").Click());
        WaitFor(page, () => page.Find("input[data-test=words-of-mine]"));
        string loud = $"  {Known.ToUpperInvariant()} ";
        await page.InvokeAsync(() => page.Find("input[data-test=words-of-mine]").Change(loud));

        await Begin(page, "again");

        WaitFor(page, () => Assert.That(Methods, Does.Contain("importdescriptors")));
        JsonArray requests = JsonNode.Parse(Asked("importdescriptors"))![0]!.AsArray();
        Assert.That(requests.Select(static one => one!["desc"]!.ToString()), Is.EqualTo(new[]
        {
            $"pkh({Root}/44h/1h/0h/<0;1>/*)#abcdefgh",
            $"sh(wpkh({Root}/49h/1h/0h/<0;1>/*))#abcdefgh",
            $"wpkh({Root}/84h/1h/0h/<0;1>/*)#abcdefgh",
            $"tr({Root}/86h/1h/0h/<0;1>/*)#abcdefgh",
        }));
        Assert.That(requests.Select(static one => one!["timestamp"]!.ToString()), Is.All.EqualTo("0"));
        Assert.That(page.Markup, Does.Not.Contain("abandon").IgnoreCase);
    }

    [Test]
    public async Task A_wallet_is_not_shown_before_it_has_its_keys()
    {
        Wallet.Unload();
        Node.Methods["createwallet"] = (_, _) =>
        {
            Node.Wallets!.Add("again");
            return null;
        };
        using ManualResetEventSlim mayGoOn = new();
        Node.Methods["importdescriptors"] = (_, _) => mayGoOn.Wait(Patience)
            ? JsonNode.Parse("""[{"success":true}]""")
            : throw new TimeoutException();
        Session session = Pages.Services.GetRequiredService<Session>();
        IRenderedComponent<NewWallet> page = Show<NewWallet>();
        await page.InvokeAsync(() => page.Find("input[data-test=old-words]").Click());
        WaitFor(page, () => page.Find("input[data-test=words-of-mine]"));
        await page.InvokeAsync(() => page.Find("input[data-test=words-of-mine]").Change(Known));

        Task made = Begin(page, "again");
        WaitFor(page, () => Assert.That(Methods, Does.Contain("importdescriptors")));
        Assert.That(Model.Wallets.Keys, Does.Contain("again"));
        Assert.That(session.Wallet, Is.Null);
        mayGoOn.Set();
        await made;

        WaitFor(page, () => Assert.That(session.Wallet?.Name, Is.EqualTo("again")));
    }

    [TestCase("abandon abandon abandon")]
    [TestCase("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon")]
    [TestCase("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon notaword")]
    [TestCase("")]
    public async Task Words_that_are_wrong_are_said(string words)
    {
        IRenderedComponent<NewWallet> page = Show<NewWallet>();
        await page.InvokeAsync(() => page.Find("input[data-test=old-words]").Click());
        WaitFor(page, () => page.Find("input[data-test=words-of-mine]"));
        await page.InvokeAsync(() => page.Find("input[data-test=words-of-mine]").Change(words));

        await Begin(page, "again");

        WaitFor(page, () => Assert.That(page.Markup, Does.Contain("These are not such words")));
        Assert.That(Made, Is.Zero);
    }

    [Test]
    public async Task A_descriptor_that_the_wallet_refuses_is_an_error_and_the_wallet_is_locked()
    {
        Node.Answer("importdescriptors", """[{"success":false,"error":{"code":-5,"message":"refused"}}]""");
        IRenderedComponent<MudSnackbarProvider> messages = Show<MudSnackbarProvider>();
        IRenderedComponent<NewWallet> page = Show<NewWallet>();
        await page.InvokeAsync(() => page.Find("input[data-test=old-words]").Click());
        WaitFor(page, () => page.Find("input[data-test=words-of-mine]"));
        await page.InvokeAsync(() => page.Find("input[data-test=words-of-mine]").Change(Known));
        await page.InvokeAsync(() => page.Find("input[data-test=passphrase]").Change("secret"));
        WaitFor(page, () => page.Find("input[data-test=again]"));
        await page.InvokeAsync(() => page.Find("input[data-test=again]").Change("secret"));

        await Begin(page, "again");

        WaitFor(messages, () => Assert.That(messages.Markup, Does.Contain("refused")));
        Assert.That(
            Methods.Where(static method => method != "getdescriptorinfo"),
            Is.EqualTo(["createwallet", "walletpassphrase", "importdescriptors", "walletlock"]));
        Assert.That(Asked("createwallet"), Does.Contain("\"passphrase\":\"secret\""));
    }

    private IEnumerable<string> Methods => Node.Calls.Select(static call => call.Method);

    private int Made => Node.Calls.Count(static call => call.Method == "createwallet");

    private string Asked(string method) => Node.Calls.Single(call => call.Method == method).Parameters;

    private static async Task Begin(IRenderedComponent<NewWallet> page, string name)
    {
        await page.InvokeAsync(() => page.Find("input[data-test=name]").Change(name));
        await page.InvokeAsync(() => page.Find("button[data-test=create]").Click());
    }

    private static Task Click(IRenderedComponent<MudDialogProvider> dialogs, string button)
        => dialogs.InvokeAsync(() => dialogs.Find($"button[data-test={button}]").Click());

    private static async Task Confirm(IRenderedComponent<MudDialogProvider> dialogs, Func<int, string> word)
    {
        for (int i = 0; i < 3; i++)
        {
            string field = $"input[data-test=word-{i}]";
            int place = int.Parse(dialogs.Find(field).GetAttribute("data-place")!, CultureInfo.InvariantCulture);
            await dialogs.InvokeAsync(() => dialogs.Find(field).Change(word(place)));
        }

        await Click(dialogs, "confirm");
    }
}
