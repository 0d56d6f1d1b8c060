using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node;
using Bitcoin.Primitives;
using NBitcoin;
using Multiprocess;

namespace Bitcoin.Tests;

/// <summary>How the two sides of a test are connected.</summary>
public enum Deployment
{
    /// <summary>As objects of one process.</summary>
    Direct,

    /// <summary>As two processes would be: everything is encoded.</summary>
    Connected,
}

/// <summary>A node on regtest and a client of it, in either deployment.</summary>
internal sealed class NodeFixture : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static readonly Script Script = Forge.Script;

    internal NodeFixture(Deployment deployment, NetworkParameters? network = null)
    {
        Node = new NodeContext(
            network ?? BitcoinNetworks.Regtest, new ThisProcess("bitcoin-node"), Log, clock: Forge.Clock());
        Init = new NodeInit(Node);
        Pair = deployment == Deployment.Connected ? IpcTestPair.Create<IInit>(Init) : null;
        Client = Pair?.Root ?? Init;
        Chain = Client.MakeChain()!;
    }

    internal NodeContext Node { get; }

    internal BlockTree Tree => Node.Tree;

    internal NodeInit Init { get; }

    internal DebugLog Log { get; } = new();

    internal IpcTestPair<IInit>? Pair { get; }

    /// <summary>The node as the client has it.</summary>
    internal IInit Client { get; }

    /// <summary>The node's chain as the client has it.</summary>
    internal IChain Chain { get; }

    public void Dispose()
    {
        Pair?.Dispose();
        Node.Dispose();
        Log.Dispose();
    }
}
