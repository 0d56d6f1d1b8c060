using System.Text.Json.Nodes;
using Bitcoin.Core;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Ipc;
using Multiprocess;

namespace Bitcoin.Cli;

/// <summary>
/// Connects to a node's Unix socket by Cap'n Proto, which Bitcoin Core's node speaks and this sample's too. A program
/// that speaks the toolkit's protocol alone is asked in that.
/// </summary>
internal sealed class CoreIpc(ToolkitIpc toolkit) : IIpc
{
    private const string Auto = "auto";

    public IChildProcess Spawn(string program, Confinement? confinement = null) => toolkit.Spawn(program, confinement);

    public IListener Listen(string address, Settings settings, Func<Interfaces.IInit> root)
        => toolkit.Listen(address, settings, root);

    public bool IsDisconnection(Exception exception) => toolkit.IsDisconnection(exception);

    public IRemoteProcess? Connect(string address, Settings settings)
    {
        IpcAddress resolved = ToolkitIpc.Resolve(address, settings);
        string? path = resolved.Kind is IpcAddressKind.Unix or IpcAddressKind.Auto ? resolved.Path : null;
        if (path is null || !File.Exists(path))
        {
            return toolkit.Connect(address, settings);
        }

        CoreNode node;
        try
        {
            node = CoreNode.Connect(IpcAddress.Unix(path));
        }
        catch (Exception exception) when (exception is IpcException or FormatException)
        {
            return toolkit.Connect(address, settings); // Says why, or does without.
        }

        try
        {
            return new Remote(node, node.Init.MakeRpc());
        }
        catch (IpcDisconnectedException)
        {
            // The other end does not know Cap'n Proto.
            node.Dispose();
            return toolkit.Connect(address, settings);
        }
        catch (IpcException exception)
        {
            node.Dispose();
            return address == Auto
                ? null // A node of Bitcoin Core before 31: HTTP is left.
                : throw new HostException(
                    $"The node does not run JSON-RPC over its socket: {exception.Message}", exception);
        }
    }

    private sealed class Remote : IRemoteProcess, Interfaces.IInit
    {
        private readonly CoreNode _node;
        private readonly CancellationTokenSource _closed = new();
        private readonly Interfaces.IRpc _rpc;

        public Remote(CoreNode node, Core.IRpc rpc)
        {
            _node = node;
            _rpc = new Rpc(rpc);
            _ = node.Completion.ContinueWith(
                static (_, closed) => ((CancellationTokenSource)closed!).Cancel(),
                _closed,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        public Interfaces.IInit Init => this;

        public CancellationToken Closed => _closed.Token;

        public void Dispose() => _node.Dispose();

        public Interfaces.IRpc? MakeRpc() => _rpc;

        // This program asks for nothing else.
        public ProcessInfo GetProcess() => throw new NotSupportedException();

        public INode? MakeNode(NodeSettings settings) => null;

        public IChain? MakeChain() => null;

        public Interfaces.IMining? MakeMining() => null;

        public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings) => null;

        public IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => null;

        public Interfaces.IEcho? MakeEcho() => null;
    }

    private sealed class Rpc(Core.IRpc rpc) : Interfaces.IRpc
    {
        public JsonNode? ExecuteRpc(JsonNode? request, string uri, string user)
            => CoreNode.Reply(rpc.ExecuteRpc(CoreNode.Request(request), uri, user));
    }
}
