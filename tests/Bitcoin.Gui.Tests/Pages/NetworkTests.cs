using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Pages;
using Bitcoin.Interfaces;
using Bunit;

namespace Bitcoin.Gui.Tests.Pages;

internal sealed class NetworkTests : PageTest
{
    private static readonly NodeActivity s_first = new(1, 0, 1000, 500, 2, 300, 4096);

    [SetUp]
    public void Answer()
    {
        Node.Answer("getpeerinfo", """[{"id":1,"addr":"127.0.0.1:18444","subver":"/a/","inbound":true}]""");
        Node.Answer("listbanned", "[]");
    }

    [Test]
    public void Counters_are_shown_as_the_node_tells_them()
    {
        IRenderedComponent<Network> page = Follow();

        Node.Tell(s_first);

        WaitFor(page, () => Assert.That(Of(page, "waiting"), Is.EqualTo("2")));
        WaitFor(page, () => Assert.That(Of(page, "peer"), Is.EqualTo("127.0.0.1:18444")));
        Assert.That(Of(page, "traffic"), Does.StartWith("1"));

        Node.Answer("getpeerinfo", "[]");
        Node.Tell(s_first with { Peers = 0, PoolTransactions = 5 });

        WaitFor(page, () => Assert.That(Of(page, "waiting"), Is.EqualTo("5")));
        WaitFor(page, () => Assert.That(page.Markup, Does.Contain("No peer is connected.")));
    }

    [Test]
    public void The_node_is_asked_once_for_each_change_and_not_otherwise()
    {
        IRenderedComponent<Network> page = Follow();
        Assert.That(Node.Calls, Is.Empty);

        Node.Tell(s_first);

        WaitFor(page, () => Assert.That(Of(page, "peer"), Is.Not.Empty));
        Assert.That(Node.Calls.Select(static call => call.Method), Is.EqualTo(new[] { "getpeerinfo", "listbanned" }));
    }

    [Test]
    public void The_node_that_comes_after_a_lost_one_is_followed()
    {
        IRenderedComponent<Network> page = Follow();
        Model.Close("The node is gone.");
        FakeNode next = new();
        next.Answer("getpeerinfo", "[]");
        next.Answer("listbanned", "[]");

        Model.Open(next, new ProcessInfo("bitcoin-node", 4712));

        WaitFor(page, () => Assert.That(next.Followers, Is.EqualTo(1)));
        next.Tell(s_first with { PoolTransactions = 9 });
        WaitFor(page, () => Assert.That(Of(page, "waiting"), Is.EqualTo("9")));
    }

    private IRenderedComponent<Network> Follow()
    {
        IRenderedComponent<Network> page = Show<Network>();
        WaitFor(page, () => Assert.That(Node.Followers, Is.EqualTo(1)));
        return page;
    }
}
