using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet;
using Multiprocess;

namespace Bitcoin.WalletHost;

/// <summary>
/// The wallet program without a parent: connects to a running node, and either queries it or serves wallets on its
/// chain, until one of the two ends.
/// </summary>
internal sealed class OutsideWallet(IIpc ipc, WalletInit init, ThisProcess process, DebugLog log)
{
    private static readonly string s_noMethod =
        $"No method provided. Run `{Currency.Names.Program("wallet")} -help` for valid methods.";
    private static readonly string s_usage =
        $"{Currency.Names.Program("wallet")} [options] [command] [arguments]";

    // Bitcoin Core's names.
    private static readonly string[] s_walletOptions =
    [
        "addresstype", "avoidpartialspends", "changetype", "consolidatefeerate", "discardfee", "fallbackfee", "keypool",
        "maxapsfee", "maxtxfee", "mintxfee", "spendzeroconfchange", "txconfirmtarget",
        "unsafesqlitesync", "walletbroadcast", "walletcrosschain", "walletrbf", "walletrejectlongchains",
    ];

    private static readonly Option[] s_options =
    [
        new("help", null, "Print this."),
        .. NetworkOption.Options,
        new("datadir", "dir", "Where the wallets and the log are; the node's usual socket too. Must exist."),
        .. ConfigFile.Options,
        .. Bitcoin.Ipc.ToolkitIpc.Options,
        new(
            "wallet",
            "name",
            "Load this wallet at the start. May be given several times. With an offline command: the wallet."),
        new("dumpfile", "file", "Where dump writes, and createfromdump reads, the records of a wallet."),
        new("walletdir", "dir", "Where the wallets are. Default: wallets, in the network's data directory."),
        .. s_walletOptions.Select(
            static name => new Option(name, "value", $"As for {Currency.Names.Program("node")}.")),
        new("server", null, "Serve the wallets' own JSON-RPC methods. Default: 0."),
        new("rpcbind", "address", "Serve them here: a loopback address, with a port or without. Default: 127.0.0.1."),
        new("rpcport", "port", "Serve them at this port."),
        new("rpcuser", "user", "A user of JSON-RPC, beside the one of the cookie file."),
        new("rpcpassword", "password", "The user's password."),
        new(
            "rpcauth",
            "user:salt$hash",
            "A user of JSON-RPC whose password is not written down: the hash is the HMAC-SHA-256 of the password under "
                + "the salt, in hexadecimal digits. May be given several times."),
        new("rpccookiefile", "file", "Where the cookie is. Default: .cookie.wallet in the network's data directory."),
        new("printtoconsole", null, "Print the log. Default: 1; with a command there is none."),
        new(
            "debug",
            "category",
            "Log this category; \"ipc\" shows every call. With a command, to the error output. May be given several "
                + "times."),
    ];

    internal int Run(string[] args)
    {
        if (!CommandLine.TryParse(args, s_options, out CommandLine? line, out string? error))
        {
            return Fail($"Error parsing command line arguments: {error}");
        }

        if (line.WantsHelp)
        {
            Console.WriteLine(
                $"{CommandLine.Help(s_usage, s_options)}\nCommands that ask the node; without any, the program has "
                    + $"wallets on the node's chain:\n\n{ClientCommands.Usage}\n\nCommands for a wallet that no "
                    + $"program has open; no node is needed:\n\n{OfflineCommands.Usage}");
            return 0;
        }

        if (line.Words.Count > 0 && !ClientCommands.Has(line.Words[0]) && !OfflineCommands.Has(line.Words[0]))
        {
            return Fail($"Error parsing command line arguments: Invalid command '{line.Words[0]}'");
        }

        if (line.Words.Count > 0 && OfflineCommands.Has(line.Words[0]))
        {
            return RunOffline(line);
        }

        if (!Settings.TryMake(line, s_options, out Settings? settings, out error))
        {
            return Fail(line.Words.Count == 0 && line.Last("ipcconnect") is null ? $"{s_noMethod} {error}" : error);
        }

        using StopSignals signals = new();
        try
        {
            DebugLog.Check(settings.All("debug"));
            return line.Words.Count > 0
                ? Ask(settings, line.Words, signals.Token)
                : Serve(settings.WithDefault("rpccookiefile", ".cookie.wallet"), signals.Token);
        }
        catch (Exception exception) when (exception is CommandException or HostException)
        {
            return Fail(exception.Message);
        }
    }

    private IRemoteProcess Connect(Settings settings)
    {
        return ipc.Connect(settings.Last("ipcconnect") ?? "unix", settings)
            ?? throw new HostException("There is no node to connect to.");
    }

    /// <summary>Runs a command that needs no node. As in Bitcoin Core, no configuration file is read.</summary>
    private static int RunOffline(CommandLine line)
    {
        if (!NetworkOption.TryChoose(line, out NetworkParameters? network, out string? error))
        {
            return Fail(error);
        }

        string? given = line.Last("datadir");
        if (!string.IsNullOrEmpty(given) && !Directory.Exists(given))
        {
            return Fail($"Specified data directory \"{given}\" does not exist.");
        }

        string directory = line.Last("walletdir")
            ?? DataDirectory.Wallets(DataDirectory.ForNetwork(given, network));
        try
        {
            new OfflineCommands(network, directory, Console.Out)
                .Run(line.Words, line.Last("wallet"), line.Last("dumpfile"));
            return 0;
        }
        catch (CommandException exception)
        {
            return Fail(exception.Message);
        }
    }

    private int Ask(Settings settings, IReadOnlyList<string> words, CancellationToken stop)
    {
        log.Open(null, Console.Error, settings.All("debug"));
        using IRemoteProcess node = Connect(settings);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop, node.Closed);
        return Guard(node, () =>
        {
            new ClientCommands(node.Init, process, Console.Out, ended.Token).Run(words);
            return node.Closed.IsCancellationRequested ? Fail("The node ended.") : 0;
        }, () => Fail("The node ended."));
    }

    private int Serve(Settings settings, CancellationToken stop)
    {
        bool isNew = !Directory.Exists(settings.Directory);
        DataDirectory.Create(settings.Directory);
        if (isNew)
        {
            DataDirectory.Create(Path.Combine(settings.Directory, "wallets"));
        }

        using IRemoteProcess node = ConnectToServe(settings);
        return Guard(node, () => Serve(node, settings, stop), () =>
        {
            log.Write("The node is gone");
            return 0;
        });
    }

    /// <summary>
    /// Connects to the node whose wallets this program is to have. Who named no address may have meant a command.
    /// </summary>
    private IRemoteProcess ConnectToServe(Settings settings)
    {
        try
        {
            return Connect(settings);
        }
        catch (HostException exception) when (settings.Last("ipcconnect") is null)
        {
            throw new HostException($"{s_noMethod} {exception.Message}", exception);
        }
    }

    private int Serve(IRemoteProcess node, Settings settings, CancellationToken stop)
    {
        IChain chain = node.Init.MakeChain() ?? throw new HostException("The process at the other end has no chain.");
        if (chain.GetNetwork() != settings.Network.Name)
        {
            throw new HostException($"The node is on {chain.GetNetwork()}, this wallet on {settings.Network}.");
        }

        WalletSettings wanted = new(
            settings.Network.Name,
            settings.Directory,
            settings.IsOn("printtoconsole", byDefault: true),
            [.. settings.All("debug")],
            [.. settings.All("wallet")],
            Options(settings));
        using WalletLoader loader = (WalletLoader)init.MakeWalletLoader(chain, wanted)!;
        using ManualResetEvent asked = new(initialState: false);
        loader.RegisterRpcs();
        if (!loader.Load(out string? error))
        {
            throw new HostException(error ?? "A wallet cannot be loaded.");
        }

        using RunningRpcServer? server = settings.IsOn("server")
            ? StartServer(loader, settings, () => asked.Set())
            : null;
        List<IListener> listeners =
            [
                .. settings.All("ipcbind").Select(address => ipc.Listen(address, settings, () => init)),
            ];
        try
        {
            log.Write("Done loading");
            WaitHandle.WaitAny([stop.WaitHandle, node.Closed.WaitHandle, asked]);
            log.Write(node.Closed.IsCancellationRequested ? "The node is gone" : "Shutdown: in progress");
        }
        finally
        {
            listeners.ForEach(static listener => listener.Dispose());
        }

        return 0;
    }

    private static Dictionary<string, string> Options(Settings settings)
    {
        return s_walletOptions
            .Append("walletdir")
            .Where(name => settings.Last(name) is not null)
            .ToDictionary(static name => name, name => settings.Last(name)!);
    }

    private RunningRpcServer StartServer(WalletLoader loader, Settings settings, Action stop)
    {
        RpcTable table = new() { IsDisconnection = ipc.IsDisconnection };
        ControlCommands.Register(
            table, log, Path.Combine(settings.Directory, WalletInit.LogName), DateTimeOffset.UtcNow, stop);
        foreach (RpcCommand command in loader.Commands)
        {
            // These methods call the node.
            table.Register(command, waits: true);
        }

        return RpcServerOptions.Start(table, settings, log);
    }

    /// <summary>If the node is lost, ends this program in its own way.</summary>
    private int Guard(IRemoteProcess node, Func<int> run, Func<int> lost)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when ((ipc.IsDisconnection(exception) || node.Closed.IsCancellationRequested)
            && exception is not (CommandException or HostException))
        {
            return lost();
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"Error: {IpcText.EscapeLines(message)}");
        return 1;
    }
}
