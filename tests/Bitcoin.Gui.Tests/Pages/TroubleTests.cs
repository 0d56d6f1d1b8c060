using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Model;
using Bitcoin.GuiWeb.Pages;
using Bitcoin.GuiWeb.Parts;
using Bitcoin.Interfaces;
using Bunit;
using NBitcoin;

namespace Bitcoin.Gui.Tests.Pages;

/// <summary>A node or a wallet that is lost is shown as such, and comes back.</summary>
internal sealed class TroubleTests : PageTest
{
    [Test]
    public void A_node_that_is_gone_is_said_and_shown_again()
    {
        IRenderedComponent<Troubles> troubles = Show<Troubles>();
        IRenderedComponent<NodeState> state = Show<NodeState>();
        Assert.That(troubles.Markup.Trim(), Is.Empty);

        Model.Close("The node is gone.");
        WaitFor(troubles, () => Assert.That(Of(troubles, "node-gone"), Does.Contain("The node is gone.")));
        WaitFor(state, () => Assert.That(state.Markup, Does.Contain("No node")));

        FakeNode back = new() { Tip = new BlockTip(9, uint256.One, 1) };
        Model.Open(back, new ProcessInfo("bitcoin-node", 4712));
        WaitFor(troubles, () => Assert.That(troubles.Markup.Trim(), Is.Empty));
        WaitFor(state, () => Assert.That(state.Markup, Does.Contain("Block 9")));

        // What the old one still says is not the new one's.
        Node.Connect(new BlockTip(100, uint256.One, 1));
        Assert.That(Model.Tip!.Height, Is.EqualTo(9));
        Model.Close("");
        Assert.That(back.Handlers, Is.Zero);
    }

    [Test]
    public void Wallets_whose_process_is_gone_are_said_and_started_again()
    {
        IRenderedComponent<Troubles> troubles = Show<Troubles>();
        using ManualResetEventSlim mayStart = new();
        Node.Methods["loadwallet"] = (_, _) =>
        {
            mayStart.Wait(Patience);
            FakeWallets started = new();
            started.Add("savings");
            Node.StartWallets(started);
            return null;
        };

        Node.Wallets = null;
        Node.Tell("The wallet process 5 ended with code 137; loadwallet starts it again.");
        WaitFor(troubles, () => Assert.That(Of(troubles, "wallets-gone"), Does.Contain("The wallet process is gone")));
        Assert.That(Model.Wallets, Is.Empty);
        mayStart.Set();

        WaitFor(troubles, () => Assert.That(troubles.Markup.Trim(), Is.Empty));
        Assert.That(Model.Wallets.Keys, Is.EqualTo(new[] { "savings" }));
        Assert.That(
            Node.Calls.Where(static call => call.Method == "loadwallet").Select(static call => call.Parameters),
            Is.EqualTo(new[] { """["savings"]""" }));
    }

    [Test]
    public async Task A_node_that_stops_answering_holds_up_nothing_else()
    {
        IRenderedComponent<NodeState> state = Show<NodeState>();
        using ManualResetEventSlim answers = new();
        Node.Methods["stuck"] = (_, _) =>
        {
            answers.Wait(Patience);
            return 1;
        };
        Node.Answer("quick", "2");

        Task<System.Text.Json.Nodes.JsonNode?>[] stuck = [.. Enumerable.Range(0, 20).Select(_ => Model.Call("stuck"))];
        Assert.That((await Model.Call("quick").WaitAsync(Patience))!.ToString(), Is.EqualTo("2"));
        WaitFor(state, () => Assert.That(state.Markup, Does.Contain("Waiting for the node")));
        answers.Set();

        await Task.WhenAll(stuck).WaitAsync(Patience);
        WaitFor(state, () => Assert.That(state.Markup, Does.Contain("Block 7")));
    }

    [Test]
    public void While_a_node_starts_it_says_what_it_does()
    {
        Model.Close("");
        FakeNode starting = new();
        Model.ShowMessages(starting);
        IRenderedComponent<Starting> page = Show<Starting>();

        starting.TellInit("Loading blocks…");

        WaitFor(page, () => Assert.That(page.Markup, Does.Contain("Loading blocks…")));
        Assert.That(Model.Phase, Is.EqualTo(NodePhase.Starting));
    }

    [Test]
    public async Task A_call_without_a_node_says_so()
    {
        Model.Close("The node is gone.");

        NodeCallException? exception =
            await Assert.ThrowsAsync<NodeCallException>(() => Model.Call("getblockcount"));

        Assert.That(exception!.Code, Is.EqualTo(NodeCallException.Unreachable));
        Assert.That(exception.Message, Is.EqualTo("The node is gone."));
    }
}
