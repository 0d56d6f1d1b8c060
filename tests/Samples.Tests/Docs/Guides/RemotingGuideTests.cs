using Calc;
using Multiprocess;

namespace Samples.Tests.Docs.Guides;

[IpcInterface]
public interface IInventory
{
    event EventHandler<int>? Sold;

    int Take(string article, int count);
}

/// <summary>Runs what docs/from-remoting.md shows.</summary>
public sealed class RemotingGuideTests
{
    [Test]
    public void A_shared_object_is_called_and_raises_events()
    {
        using var folder = new InTemporaryFolder();
        List<int> sold = [];

        var inventory = new Inventory();
        using var server = IpcServer.Listen<IInventory>("unix:inventory.sock", connection => inventory);
        using var connection = IpcConnection.Connect<IInventory>("unix:inventory.sock");
        connection.Root.Sold += (sender, count) => sold.Add(count);
        int left = connection.Root.Take("pen", 3);

        using var another = IpcConnection.Connect<IInventory>("unix:inventory.sock");
        Assert.That(left, Is.EqualTo(7));
        Assert.That(another.Root.Take("pen", 1), Is.EqualTo(6), "both clients have the same object");
        Assert.That(sold, Is.EqualTo(new[] { 3, 1 }));
    }

    [Test]
    public void A_plug_in_is_a_process()
    {
        string program = Repository.Program("calculator", "calc-worker");

        using var plugin = IpcChildProcess.Spawn<ICalculator>(program);
        int sum = plugin.Root.Add(2, 3);

        Assert.That(sum, Is.EqualTo(5));
    }

    private sealed class Inventory : IInventory
    {
        private readonly Lock _lock = new();
        private int _left = 10;

        public event EventHandler<int>? Sold;

        public int Take(string article, int count)
        {
            int left;
            lock (_lock)
            {
                left = _left -= count;
            }

            Sold?.Invoke(this, count);
            return left;
        }
    }
}
