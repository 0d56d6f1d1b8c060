using System.Collections.Concurrent;
using Bitcoin.Node;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class NodeMessagesTests
{
    [Test]
    public void A_warning_is_told_once_and_is_in_force_until_its_source_takes_it_back()
    {
        NodeMessages messages = new();
        ConcurrentQueue<(string, bool)> told = [];
        messages.OnMessage((text, isError) => told.Enqueue((text, isError)));

        messages.Warn("disk", "almost full");
        messages.Warn("clock", "wrong");
        messages.Warn("disk", "almost full");
        Assert.That(messages.Warnings, Is.EqualTo(new[] { "almost full", "wrong" }));

        messages.Warn("disk", "full");
        messages.EndWarning("clock");
        messages.Show("broken", isError: true);

        Assert.That(messages.Warnings, Is.EqualTo(new[] { "full" }));
        Assert.That(
            SpinWait.SpinUntil(() => told.Count == 4, NodeFixture.Patience), Is.True, "listeners are told late");
        Assert.That(
            told, Is.EqualTo(new[] { ("almost full", false), ("wrong", false), ("full", false), ("broken", true) }));
    }
}
