using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Gui.Tests.Support;

/// <summary>A node that says what a test has put into it, and remembers what it was asked.</summary>
internal sealed class FakeNode : INode
{
    private readonly List<Action<BlockTip, double>> _tips = [];
    private readonly List<Action<IWalletLoader>> _started = [];
    private readonly List<Action<NodeActivity>> _activities = [];
    private readonly List<Action<string>> _init = [];
    private readonly List<Action<string, bool>> _messages = [];

    internal BlockTip Tip { get; set; } = new(7, uint256.One, 1_700_000_000);

    internal FakeWallets? Wallets { get; set; } = new();

    /// <summary>What methods answer, by name; what is not here is "Method not found".</summary>
    internal ConcurrentDictionary<string, Func<JsonNode?, string, JsonNode?>> Methods { get; } = new();

    /// <summary>The calls so far: method, parameters and path.</summary>
    internal ConcurrentQueue<(string Method, string Parameters, string Uri)> Calls { get; } = new();

    /// <summary>How many handlers are registered.</summary>
    internal int Handlers => _tips.Count + _activities.Count + _started.Count + _init.Count + _messages.Count;

    /// <summary>How many follow the counters.</summary>
    internal int Followers => _activities.Count;

    public bool BaseInitialize(out string? error)
    {
        error = null;
        return true;
    }

    public bool AppInitMain(out BlockTip? tip, out string? error)
    {
        tip = Tip;
        error = null;
        return true;
    }

    public void AppShutdown()
    {
    }

    public void StartShutdown()
    {
    }

    public bool ShutdownRequested() => false;

    public int GetNumBlocks() => Tip.Height;

    public uint256 GetBestBlockHash() => Tip.Hash;

    public long GetLastBlockTime() => Tip.Time;

    public string GetWarnings() => "";

    public bool GetNodesStats(out List<(string Address, DateTimeOffset LastSeen, int Score)> stats)
    {
        stats = [];
        return true;
    }

    public JsonNode? ExecuteRpc(string command, JsonNode? parameters, string uri)
    {
        Calls.Enqueue((command, parameters?.ToJsonString() ?? "", uri));
        return Methods.TryGetValue(command, out Func<JsonNode?, string, JsonNode?>? method)
            ? method(parameters, uri)
            : throw new RpcException(RpcErrorCode.MethodNotFound, "Method not found");
    }

    public string[] ListRpcCommands() => [.. Methods.Keys.Order(StringComparer.Ordinal)];

    public JsonNode? GetPersistentSetting(string name) => null;

    public void UpdateRwSetting(string name, JsonNode? value)
    {
    }

    public IWalletLoader WalletLoader() => Wallets ?? throw new InvalidOperationException("The node has no wallets.");

    public IHandler HandleWalletsStarted(Action<IWalletLoader> started) => Handler.Of(_started, started);

    public IHandler HandleInitMessage(Action<string> message) => Handler.Of(_init, message);

    public IHandler HandleMessageBox(Action<string, bool> message) => Handler.Of(_messages, message);

    public IHandler HandleQuestion(Func<string, bool> question) => Handler.Of([], question);

    public IHandler HandleNotifyBlockTip(Action<BlockTip, double> notify) => Handler.Of(_tips, notify);

    public IHandler HandleNotifyActivity(Action<NodeActivity> notify) => Handler.Of(_activities, notify);

    public IHandler HandleShutdown(Action shutdown) => Handler.Of([], shutdown);

    internal void Answer(string method, string json) => Methods[method] = (_, _) => JsonNode.Parse(json);

    internal void Connect(BlockTip tip, double progress = 1)
    {
        Tip = tip;
        _tips.ToList().ForEach(notify => notify(tip, progress));
    }

    internal void Tell(string message, bool isError = false)
        => _messages.ToList().ForEach(tell => tell(message, isError));

    internal void Tell(NodeActivity activity) => _activities.ToList().ForEach(tell => tell(activity));

    internal void TellInit(string message) => _init.ToList().ForEach(tell => tell(message));

    internal void StartWallets(FakeWallets wallets)
    {
        Wallets = wallets;
        _started.ToList().ForEach(tell => tell(wallets));
    }
}
