using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Tests;

/// <summary>Starts wallet processes that are objects here, and whose end a test drives step by step.</summary>
internal sealed class FakeWalletProcess : IIpc, IChildProcess, IInit, IWalletLoader
{
    private readonly TaskCompletionSource<int> _seenByWatcher = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new();
    private readonly CancellationTokenSource _closed = new();
    private IChain? _chain;
    private int _reads;

    internal List<IHandler> Handlers { get; } = [];

    /// <summary>What the method "getbalance" does.</summary>
    internal Func<JsonNode?> Balance { get; set; } = static () => 1;

    internal int Starts { get; private set; }

    public IInit Init => this;

    public CancellationToken Closed => _closed.Token;

    public int Id => 4711;

    /// <summary>Who asks first watches, and is told when the test says; who asks later is told at once.</summary>
    public Task<int> Exited => Interlocked.Increment(ref _reads) == 1 ? _seenByWatcher.Task : _exited.Task;

    internal void Exit(int code) => _exited.TrySetResult(code);

    internal void LetWatcherSee(int code) => _seenByWatcher.SetResult(code);

    internal void CloseConnection() => _closed.Cancel();

    public IChildProcess Spawn(string program, Confinement? confinement = null)
    {
        Starts++;
        return this;
    }

    public IRemoteProcess? Connect(string address, Settings settings) => null;

    public IListener Listen(string address, Settings settings, Func<IInit> root) => throw new NotSupportedException();

    public bool IsDisconnection(Exception exception) => exception is EndOfStreamException;

    public ProcessInfo GetProcess() => new("bitcoin-wallet", Id);

    public INode? MakeNode(NodeSettings settings) => null;

    public IChain? MakeChain() => null;

    public IMining? MakeMining() => null;

    public IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => null;

    public IEcho? MakeEcho() => null;

    public IRpc? MakeRpc() => null;

    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings)
    {
        _chain = chain;
        return this;
    }

    public void RegisterRpcs()
    {
        Handlers.Add(
            _chain!.HandleRpc(new RpcCommand("Wallet", "getbalance", [], "", _ => Balance(), RpcScope.Wallet)));
        Handlers.Add(_chain.HandleRpc(new RpcCommand("Wallet", "loadwallet", [], "", _ => "loaded")));
    }

    public bool Load(out string? error)
    {
        error = null;
        return true;
    }

    public WalletResult CreateWallet(string name, SecretString passphrase, out List<string> warnings)
        => throw new NotSupportedException();

    public WalletResult LoadWallet(string name, out List<string> warnings) => throw new NotSupportedException();

    public WalletMigration MigrateWallet(string name, SecretString passphrase) => throw new NotSupportedException();

    public string GetWalletDir() => "";

    public List<(string Name, string Format)> ListWalletDir() => [];

    public List<IWallet> GetWallets() => [];

    public void MockScheduler(TimeSpan delta)
    {
    }

    public IHandler HandleLoadWallet(Action<IWallet> loaded) => throw new NotSupportedException();

    public void Dispose()
    {
        // Both as loader and as process: it ends when its process is dropped, at the latest.
        Exit(0);
    }
}
