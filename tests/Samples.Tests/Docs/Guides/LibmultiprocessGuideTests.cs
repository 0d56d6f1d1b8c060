using Multiprocess;

namespace Samples.Tests.Docs.Guides;

public sealed record Tip(int Height, byte[] Hash);

[IpcInterface]
public interface IChainState : IDisposable
{
    int? Height { get; }

    bool FindTip(out Tip? tip);

    IDisposable HandleBlocks(Action<int> onBlock);
}

/// <summary>Runs what docs/from-libmultiprocess.md shows.</summary>
public sealed class LibmultiprocessGuideTests
{
    [Test]
    public void Listener_and_client_share_handlers_and_outputs()
    {
        using var folder = new InTemporaryFolder();
        List<int> heights = [];

        using var server = IpcServer.Listen<IChainState>("unix:node.sock", connection => new ChainState());
        using var connection = IpcConnection.Connect<IChainState>("unix:node.sock");
        using IDisposable handler = connection.Root.HandleBlocks(height => heights.Add(height));
        bool found = connection.Root.FindTip(out Tip? tip);

        Assert.That(found, Is.True);
        Assert.That((tip!.Height, tip.Hash), Is.EqualTo((3, new byte[] { 1 })));
        Assert.That(connection.Root.Height, Is.EqualTo(3));
        Assert.That(heights, Is.EqualTo(new[] { 3 }));
    }

    private sealed class ChainState : IChainState
    {
        public int? Height => 3;

        public bool FindTip(out Tip? tip)
        {
            tip = new Tip(3, [1]);
            return true;
        }

        public IDisposable HandleBlocks(Action<int> onBlock)
        {
            onBlock(3);
            return new Handler();
        }

        public void Dispose()
        {
        }

        private sealed class Handler : IDisposable
        {
            public void Dispose()
            {
            }
        }
    }
}
