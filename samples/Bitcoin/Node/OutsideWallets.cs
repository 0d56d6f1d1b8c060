using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node;

/// <summary>
/// The wallets outside of the directory of wallets, each in its own process that can open nothing but its directory.
/// Any thread may call.
/// </summary>
/// <remarks>
/// A process is started by the call that makes or opens its wallet, and ended by the call that unloads it. Between the
/// two the table of methods finds the wallet, as it finds those of any process.
/// </remarks>
internal sealed class OutsideWallets(NodeContext node, IIpc ipc, WalletSettings settings) : IDisposable
{
    // Methods about wallets that are not loaded yet: the name of the wallet leads to its process.
    private static readonly string[] s_opening =
        ["createwallet", "loadwallet", "restorewallet", "migratewallet", "listwalletdir"];

    private readonly WalletPlaces _places = new(settings);

    // Held while a process is started or ended.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OutsideWalletProcess> _processes = new(StringComparer.Ordinal);
    private bool _isDisposed;

    /// <summary>The loader of each process.</summary>
    internal IReadOnlyList<IWalletLoader> Loaders
    {
        get
        {
            lock (_gate)
            {
                return [.. _processes.Values.Select(static process => process.Loader)];
            }
        }
    }

    /// <summary>Whether a method creates, opens or lists wallets.</summary>
    internal static bool Opens(string method) => s_opening.Contains(method);

    /// <summary>The directory of the wallet that a call makes or opens, if it lies outside; null otherwise.</summary>
    internal string? Find(RpcCall call)
    {
        return s_opening.Contains(call.Method) && call.Params.ElementAtOrDefault(0) is { } name
            ? _places.FindOutside(name.ToString())
            : null;
    }

    /// <summary>The directory of a wallet, if it lies outside; null otherwise.</summary>
    internal string? Find(string name) => _places.FindOutside(name);

    /// <summary>Runs a call that makes or opens a wallet outside.</summary>
    /// <param name="path">The wallet's directory.</param>
    /// <param name="call">The call.</param>
    /// <param name="run">Runs a method of the process.</param>
    internal T Run<T>(string path, RpcCall call, Func<RpcCommand, RpcCall, T> run)
    {
        try
        {
            return Use(path, call.Method, process => process.Run(call, run));
        }
        catch (HostException exception)
        {
            throw new RpcException(RpcErrorCode.Wallet, exception.Message);
        }
    }

    /// <summary>Opens a wallet outside at the start of the node.</summary>
    /// <exception cref="HostException">It cannot be loaded.</exception>
    internal void LoadAtStart(string path, string name) => Use(path, null, static _ => true, [name]);

    /// <summary>Does something with the process of a wallet; starts it, and ends it if it has no wallet then.</summary>
    internal T Use<T>(
        string path, string? method, Func<OutsideWalletProcess, T> act, IReadOnlyList<string>? names = null)
    {
        OutsideWalletProcess process;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            process = _processes.TryGetValue(path, out OutsideWalletProcess? there)
                ? there
                : StartLocked(path, method, names ?? []);
            process.Users++;
        }

        try
        {
            return act(process);
        }
        finally
        {
            Leave(process);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (OutsideWalletProcess process in _processes.Values)
            {
                process.Dispose();
            }

            _processes.Clear();
        }
    }

    private OutsideWalletProcess StartLocked(string path, string? method, IReadOnlyList<string> names)
    {
        Confinement confinement = WalletPlaces.Outside(path, method, out IReadOnlyList<string> made);
        LoggedChild child = LoggedChild.Start(
            ipc, NodeWallets.Program, node.Log, (gone, _) => Lost(path, gone), confinement);
        try
        {
            OutsideWalletProcess process = new(this, node, path, child, _places.MakeFiles(), made);
            process.Start(settings with { Wallets = [.. names], IsConfined = true });
            _processes.Add(path, process);
            return process;
        }
        catch (Exception exception) when (ipc.IsDisconnection(exception))
        {
            child.Dispose();
            throw new HostException($"The wallet process {child.Id} ended while it was started.", exception);
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    private void Leave(OutsideWalletProcess process)
    {
        bool ends = false;
        lock (_gate)
        {
            // Asked under the gate, so that nobody loads a wallet meanwhile.
            if (--process.Users == 0 && process.IsEmpty())
            {
                ends = true;
                Forget(process);
            }
        }

        if (ends)
        {
            process.Dispose();
        }
    }

    private void Lost(string path, LoggedChild child)
    {
        OutsideWalletProcess? lost;
        lock (_gate)
        {
            if (!_processes.TryGetValue(path, out lost) || !ReferenceEquals(lost.Child, child))
            {
                return;
            }

            Forget(lost);
        }

        node.Chain.InitWarning(
            $"The wallet process {child.Id} of '{LineText.Escape(path)}' ended; loadwallet starts it again.");
        lost.Dispose();
    }

    private void Forget(OutsideWalletProcess process)
    {
        if (_processes.TryGetValue(process.Path, out OutsideWalletProcess? there) && ReferenceEquals(there, process))
        {
            _processes.Remove(process.Path);
        }
    }
}
