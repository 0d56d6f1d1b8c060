using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>The node, for a user interface.</summary>
internal sealed class NodeInterface(NodeRuntime runtime, DebugLog log) : INode
{
    private NodeContext Node
        => runtime.Context ?? throw new InvalidOperationException("The node is not initialized yet.");

    public bool BaseInitialize(out string? error) => Try(runtime.Initialize, out error);

    public bool AppInitMain(out BlockTip? tip, out string? error)
    {
        bool good = Try(runtime.Start, out error);
        tip = good ? Node.Tree.Tip.ToTip() : null;
        return good;
    }

    public void AppShutdown() => runtime.Dispose();

    public void StartShutdown() => runtime.RequestStop();

    public bool ShutdownRequested() => runtime.Context?.Stopping.IsCancellationRequested ?? false;

    public int GetNumBlocks() => Node.Tree.Tip.Height;

    public uint256 GetBestBlockHash() => Node.Tree.Tip.Hash;

    public long GetLastBlockTime() => Node.Tree.Tip.Time;

    public string GetWarnings() => string.Join('\n', Node.Messages.Warnings);

    public bool GetNodesStats(out List<(string Address, DateTimeOffset LastSeen, int Score)> stats)
    {
        stats = Node.Peers?.Stats() ?? [];
        return Node.Peers is not null;
    }

    public JsonNode? ExecuteRpc(string command, JsonNode? parameters, string uri)
        => Node.Rpc.Execute(command, parameters, uri, "gui");

    public string[] ListRpcCommands() => Node.Rpc.Names;

    public JsonNode? GetPersistentSetting(string name) => Node.Stored.Get(name);

    public void UpdateRwSetting(string name, JsonNode? value)
    {
        Node.Stored.Update(name, (ref JsonNode? stored) =>
        {
            stored = value;
            return SettingsAction.Write;
        });
    }

    public IWalletLoader WalletLoader()
        => runtime.Wallets?.Loader ?? throw new InvalidOperationException("The node has no wallets.");

    public IHandler HandleWalletsStarted(Action<IWalletLoader> started) => Node.Messages.OnWallets(started);

    public IHandler HandleInitMessage(Action<string> message) => Node.Messages.OnInit(message);

    public IHandler HandleMessageBox(Action<string, bool> message) => Node.Messages.OnMessage(message);

    public IHandler HandleQuestion(Func<string, bool> question) => Node.Messages.OnQuestion(question);

    public IHandler HandleNotifyBlockTip(Action<BlockTip, double> notify)
        => Node.Chain.HandleNotifications(new TipListener(Node, notify));

    public IHandler HandleNotifyActivity(Action<NodeActivity> notify) => Node.Activity.Add(notify);

    public IHandler HandleShutdown(Action shutdown) => Node.Messages.OnShutdown(shutdown);

    private bool Try(Action act, out string? error)
    {
        error = null;
        try
        {
            act();
            return true;
        }
        catch (HostException exception)
        {
            error = exception.Message;
            log.Write($"Error: {error}");
            return false;
        }
        catch (OperationCanceledException)
        {
            error = "The node was asked to stop while it started.";
            return false;
        }
    }

    private sealed class TipListener(NodeContext node, Action<BlockTip, double> notify) : IChainNotifications
    {
        public void BlockConnected(BlockInfo block)
        {
        }

        public void BlockDisconnected(BlockInfo block)
        {
        }

        public void UpdatedBlockTip(BlockInfo tip)
            => notify(new BlockTip(tip.Height, tip.Hash, tip.Time), node.Chain.GuessVerificationProgress(tip.Hash));
    }
}
