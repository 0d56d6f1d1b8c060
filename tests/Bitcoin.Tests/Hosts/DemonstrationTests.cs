using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node;
using Bitcoin.Wallet;
using Multiprocess;

namespace Bitcoin.Tests;

internal sealed class DemonstrationTests
{
    private static readonly WalletSettings s_settings = new("regtest", "", PrintToConsole: true, ["ipc"], Narrate: true);

    [TestCase(Deployment.Direct)]
    [TestCase(Deployment.Connected)]
    public void The_story_comes_out_in_either_deployment(Deployment deployment)
    {
        using StringWriter nodeConsole = new();
        using StringWriter walletConsole = new();
        using NodeFixture node = new(Deployment.Direct);
        using DebugLog walletLog = new();
        WalletInit wallet = new(new ThisProcess("bitcoin-wallet"), walletLog, TextWriter.Synchronized(walletConsole));
        using IpcTestPair<IInit>? pair = deployment == Deployment.Connected ? IpcTestPair.Create<IInit>(wallet) : null;
        IInit root = pair?.Root ?? wallet;

        bool good = Demonstration.Run(
            node.Init,
            chain => root.MakeWalletLoader(chain, s_settings)!,
            new Narrator(new ThisProcess("bitcoin-node"), nodeConsole));

        Assert.That(good, Is.True, nodeConsole.ToString());
        Assert.That(nodeConsole.ToString(), Does.Contain("WalletLoader.Rescan(0, 3) -> 4 transactions").And.Contain("each side ran all its steps on one thread"));
        string story = walletConsole.ToString();
        Assert.That(story, Does.Contain($"Chain.GetBlockHash(0) -> {node.Chain.GetBlockHash(0)}"));
        Assert.That(story, Does.Contain("is told: block 8 connected").And.Contain("asks back: Chain.GetHeight() -> 8"));
        Assert.That(story, Does.Contain("Rescanned blocks 0 to 3: 4 transactions").And.Contain("Wallet unloaded"));
    }
}
