using System.Globalization;
using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Pages;

/// <summary>What several processes add to the page: one can be lost, and more can join.</summary>
[Category("Long")]
internal sealed class ProcessesTests() : BrowserTest(Programs.Several)
{
    [Test]
    public async Task The_wallets_process_is_ended_on_the_page_and_comes_back()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        MakeWallet();
        IPage page = await Open(gui);
        await Go(page, "Processes");
        ILocator rows = page.GetByTestId("processes").GetByRole(AriaRole.Row);
        await Expect(rows).ToHaveCountAsync(4);
        string before = await rows.Filter(new LocatorFilterOptions { HasText = "bitcoin-wallet" }).InnerTextAsync();

        await page.GetByTestId("end-bitcoin-wallet").ClickAsync();
        await page.GetByTestId("end").ClickAsync();
        await Expect(page.GetByTestId("wallets-gone")).ToContainTextAsync("nothing is lost");

        await Expect(page.GetByTestId("wallets-gone")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("wallet")).ToHaveTextAsync("savings");
        await Expect(rows).ToHaveCountAsync(4);
        string after = await rows.Filter(new LocatorFilterOptions { HasText = "bitcoin-wallet" }).InnerTextAsync();
        Assert.That(Number(after), Is.Not.EqualTo(Number(before)), "another process");
        await Go(page, "Overview");
        await Expect(page.GetByTestId("available")).ToHaveTextAsync("50.00000000\u00a0BTC");

        static string Number(string row) => row.Split('\t', StringSplitOptions.TrimEntries)[1];
    }

    [Test]
    public async Task A_second_user_interface_shows_the_same_node()
    {
        // The second one ends while its page is open.
        MayComplain = true;
        Host gui = StartPage("-ipcbind=unix");
        Rpc().WaitUntilStarted(gui);
        IPage first = await Open(gui);
        Host other = StartPage();
        IPage second = await Open(other);
        await Go(second, "Wallets");

        MakeWallet("shared");

        foreach (IPage page in (IPage[])[first, second])
        {
            await Expect(page.GetByTestId("node")).ToContainTextAsync("Block 101");
            await Expect(page.GetByTestId("wallet")).ToHaveTextAsync("shared");
        }

        other.Signal("TERM");
        Assert.That(other.WaitForExit(), Is.Zero);
        Rpc().Call("generatetoaddress", 1, Address);
        await Expect(first.GetByTestId("node")).ToContainTextAsync("Block 102");
    }

    [Test]
    public async Task A_node_that_is_lost_is_said_and_shown_again()
    {
        Host node = StartHere("bitcoin-node", "-printtoconsole=0", "-ipcbind=unix");
        Rpc().WaitUntilStarted(node);
        Host gui = StartPage();
        IPage page = await Open(gui);

        node.Kill();
        await Expect(page.GetByTestId("node-gone")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("node")).ToHaveTextAsync("No node");
        Host next = StartHere("bitcoin-node", "-printtoconsole=0", "-ipcbind=unix");
        Rpc().WaitUntilStarted(next);

        await Expect(page.GetByTestId("node-gone")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("node")).ToContainTextAsync("regtest");
        next.Signal("TERM");
        Assert.That(next.WaitForExit(), Is.Zero);
    }

    [Test]
    public async Task A_node_that_stops_answering_is_said_and_holds_up_nothing_else()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        MakeWallet();
        IPage page = await Open(gui);
        await Go(page, "Processes");
        string row = await page.GetByTestId("processes").GetByRole(AriaRole.Row)
            .Filter(new LocatorFilterOptions { HasText = "bitcoin-node" }).First.InnerTextAsync();
        int node = int.Parse(row.Split('\t', StringSplitOptions.TrimEntries)[1], CultureInfo.InvariantCulture);

        Host.Send("STOP", node);
        try
        {
            await Go(page, "Transactions");
            await Expect(page.GetByTestId("node")).ToContainTextAsync("Waiting for the node");
            await Go(page, "Settings");
            await Go(page, "Console");
        }
        finally
        {
            Host.Send("CONT", node);
        }

        await Expect(page.GetByTestId("node")).ToContainTextAsync("Block 101");
        await Go(page, "Transactions");
        await Expect(page.GetByTestId("payment").First).ToBeVisibleAsync();
    }

    [Test]
    public async Task Idle_pages_make_no_calls()
    {
        const int Seconds = 3;
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        MakeWallet();
        IPage idle = await Open(gui);
        await Expect(idle.GetByTestId("payment").First).ToBeVisibleAsync();
        IPage meter = await Open(gui);
        await Go(meter, "Processes");

        // The calls of the start are over some time; then every second has none.
        await meter.WaitForFunctionAsync(
            """
            seconds => {
                const rate = document.querySelector("[data-test=rate]");
                window.zeros ??= 0;
                window.followed ??= new MutationObserver(() => window.zeros = 0)
                    .observe(rate, { characterData: true, childList: true, subtree: true }) ?? setInterval(() => {
                        window.zeros = rate.innerText === "0.0" ? window.zeros + 1 : 0;
                    }, 1000);
                return window.zeros >= seconds;
            }
            """,
            Seconds);
        await Expect(meter.GetByTestId("rate")).ToHaveTextAsync("0.0");
    }
}
