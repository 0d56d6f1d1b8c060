using System.Diagnostics.CodeAnalysis;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>The process of one wallet outside of the directory of wallets. Any thread may call.</summary>
/// <param name="all">Those outside.</param>
/// <param name="node">The node.</param>
/// <param name="path">The wallet's directory.</param>
/// <param name="child">The process.</param>
/// <param name="files">The files that the node opens for the process.</param>
/// <param name="made">The directories that were created for the process. Empty ones are removed at its end.</param>
internal sealed class OutsideWalletProcess(
    OutsideWallets all,
    NodeContext node,
    string path,
    LoggedChild child,
    ChildFiles files,
    IReadOnlyList<string> made) : IDisposable
{
    private const string Unloading = "unloadwallet";

    private static readonly TimeSpan s_callPatience = TimeSpan.FromSeconds(5);

    private readonly WalletCalls _calls = new(child, NodeWallets.Program, s_callPatience);
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Dictionary<string, RpcCommand> _methods = new(StringComparer.Ordinal);
    private readonly List<IHandler> _places = [];
    private IWalletLoader? _loader;

    internal string Path => path;

    internal LoggedChild Child => child;

    internal IWalletLoader Loader => _loader!;

    /// <summary>How many calls may end with or without a wallet. Under the gate of all.</summary>
    internal int Users { get; set; }

    /// <summary>Lets the process register its methods and load its wallet.</summary>
    /// <exception cref="HostException">It cannot be loaded.</exception>
    internal void Start(WalletSettings settings)
    {
        _loader = child.Init.MakeWalletLoader(node.Chain.WithFiles(files).WithRpc(Register), settings)
            ?? throw new HostException($"{NodeWallets.Program} has no wallets.");
        _loader.RegisterRpcs();
        if (!_loader.Load(out string? error))
        {
            throw new HostException(error ?? "A wallet cannot be loaded.");
        }
    }

    /// <summary>Runs a method of the process.</summary>
    internal T Run<T>(RpcCall call, Func<RpcCommand, RpcCall, T> run)
    {
        RpcCommand? method;
        lock (_gate)
        {
            method = _methods.GetValueOrDefault(call.Method);
        }

        using IDisposable? granted = files.Grant(call);
        return method is null
            ? throw new RpcException(RpcErrorCode.MethodNotFound, "Method not found")
            : _calls.Run(() => run(method, call));
    }

    /// <summary>Whether the process answers that it has no wallet.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A process that is gone is noticed by its end.")]
    internal bool IsEmpty()
    {
        try
        {
            return _calls.Run(() => Loader.GetWallets().Count == 0);
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IHandler[] places;
        lock (_gate)
        {
            places = [.. _places];
            _places.Clear();
        }

        Array.ForEach(places, static place => place.Dispose());
        _loader?.Dispose();
        child.Dispose();
        _calls.Dispose();
        foreach (string directory in made)
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                // The wallet is there, or the user has removed it.
            }
        }
    }

    private Registration Register(RpcCommand command)
    {
        lock (_gate)
        {
            _methods[command.Name] = command;
            if (!OutsideWallets.Opens(command.Name))
            {
                RpcCommand place = command with
                {
                    Actor = call => Called(call, static (method, call) => method.Actor(call)),
                    SecretActor = command.SecretActor is null
                        ? null
                        : call => Called(call, static (method, call) => method.SecretActor!(call)),
                };
                _places.Add(node.Rpc.Register(place, waits: true));
            }
        }

        return new Registration();
    }

    private T Called<T>(RpcCall call, Func<RpcCommand, RpcCall, T> run)
        => call.Method == Unloading ? all.Use(path, null, process => process.Run(call, run)) : Run(call, run);

    // The process's methods go with it.
    private sealed class Registration : IHandler
    {
        public void Disconnect()
        {
        }

        public void Dispose()
        {
        }
    }
}
