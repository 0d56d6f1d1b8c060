using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>The story of -demo, as far as it does not matter whether the wallet is in this process or in another.</summary>
public static class Demonstration
{
    private const int FirstBlocks = 5;
    private const int LaterBlocks = 3;
    private const int Depth = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] s_script = [0x51];

    /// <summary>Mines, lets the wallet ask, tells it of blocks, and goes three calls deep.</summary>
    /// <param name="node">The node.</param>
    /// <param name="wallet">Makes the wallet's loader, given the node's chain.</param>
    /// <param name="narrator">Tells the story.</param>
    /// <returns>Whether everything came out as it should.</returns>
    public static bool Run(NodeInit node, Func<IChain, IWalletLoader> wallet, Narrator narrator)
    {
        narrator.Tell($"mines {FirstBlocks} blocks on {node.Chain.GetNetwork()}", () => node.Mining.Generate(FirstBlocks, s_script), static hashes => $"tip {hashes[^1]}");

        using IWalletLoader loader = narrator.Tell("asks the wallet for its WalletLoader, giving it the chain", () => wallet(node.Chain), static _ => "an object");
        narrator.Say("calls WalletLoader.Rescan(0, 3); the wallet calls back while this call waits:");
        int transactions = narrator.Tell("  WalletLoader.Rescan(0, 3)", () => loader.Rescan(0, 3), static count => $"{count} transactions");

        loader.Follow();
        narrator.Say($"the wallet listens; the node mines {LaterBlocks} more blocks:");
        node.Mining.Generate(LaterBlocks, s_script);
        bool told = node.Chain.WaitForListeners(s_patience);
        int seen = narrator.Tell("  WalletLoader.GetBlocksSeen()", loader.GetBlocksSeen);

        narrator.Say($"calls WalletLoader.GoDeep({Depth}): each side calls the other from inside the other's call:");
        ThreadStep[] steps = narrator.Tell($"  WalletLoader.GoDeep({Depth})", () => loader.GoDeep(Depth), static steps => $"{steps.Length} steps");
        for (int i = 0; i < steps.Length; i++)
        {
            narrator.Say($"  {new string(' ', 2 * i)}{Narrator.Format(steps[i])}");
        }

        bool oneThreadEach = steps.GroupBy(static step => (step.Program, step.ProcessId)).All(static side => side.Select(static step => step.ThreadId).Distinct().Count() == 1);
        narrator.Say(oneThreadEach ? "each side ran all its steps on one thread" : "a side changed its thread, which it should not");
        return told && transactions == 4 && seen == LaterBlocks && steps.Length == 2 * (Depth + 1) && oneThreadEach;
    }
}
