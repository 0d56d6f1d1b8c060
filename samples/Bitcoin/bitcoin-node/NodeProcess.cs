using System.Diagnostics;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node;
using Multiprocess;

namespace Bitcoin.NodeHost;

/// <summary>A node from start to end: its log, its chain, its wallet, its sockets.</summary>
internal sealed class NodeProcess : IDisposable
{
    private const string LogName = "debug.log";

    private static readonly byte[] s_script = [0x51];

    private readonly NodeOptions _options;
    private readonly TextWriter _console;
    private readonly ThisProcess _process = new("bitcoin-node");
    private readonly DebugLog _log = new();

    // Set when outside programs may be answered: one that connects earlier waits.
    private readonly ManualResetEventSlim _ready = new();

    internal NodeProcess(NodeOptions options, TextWriter console)
    {
        _options = options;
        _console = TextWriter.Synchronized(console);
    }

    public void Dispose()
    {
        _ready.Dispose();
        _log.Dispose();
    }

    /// <summary>Runs until told to stop, or until the demonstration is over.</summary>
    /// <returns>The exit code.</returns>
    internal int Run(CancellationToken stop)
    {
        try
        {
            DataDirectory.Create(_options.DataDirectory);
            _log.Open(Path.Combine(_options.DataDirectory, LogName), _options.PrintToConsole ? _console : null, _options.DebugCategories);
            _log.Write($"bitcoin-node on {_options.Network}, process {Environment.ProcessId}, data directory {_options.DataDirectory}");
            bool good = Serve(stop);
            _log.Write("Shutdown: done");
            return good ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _log.Write("Shutdown: done, before the start was");
            return 0;
        }
        catch (Exception exception) when (exception is IpcException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Error: {exception.Message}");
            _log.Write($"Error: {exception.Message}");
            return 1;
        }
    }

    private bool Serve(CancellationToken stop)
    {
        BlockTree tree = new(_options.Network);
        NodeInit init = new(tree, _process, _log, stop);
        List<IpcServer> servers = [];
        try
        {
            foreach (string address in _options.Addresses)
            {
                servers.Add(Listen(address, init, stop));
            }

            Import(tree, stop);
            if (_options.Demo)
            {
                return Demonstrate(init);
            }

            using WalletProcess? wallet = _options.WalletEnabled ? StartWallet(narrate: false) : null;
            using IWalletLoader? loader = wallet?.MakeLoader(init.Chain);
            loader?.Follow();
            if (_options.BlocksToGenerate > 0)
            {
                init.Mining.Generate(_options.BlocksToGenerate, s_script);
                _log.Write($"Mined {_options.BlocksToGenerate} blocks: {tree.Tip}");
            }

            _ready.Set();
            _log.Write("Done loading. Ctrl-C stops the node.");
            stop.WaitHandle.WaitOne();
            _log.Write("Shutdown: in progress");
            return true;
        }
        finally
        {
            servers.ForEach(static server => server.Dispose());
        }
    }

    private IpcServer Listen(string address, NodeInit init, CancellationToken stop)
    {
        IpcServer server = IpcServer.Listen<IInit>(address, _ =>
        {
            _ready.Wait(stop);
            return init;
        }, new IpcServerOptions { LoggerFactory = _log });
        _log.Write($"Listening for IPC requests on address {address}");
        return server;
    }

    private void Import(BlockTree tree, CancellationToken stop)
    {
        BlockImporter importer = new(tree);
        foreach (string file in _options.BlockFiles)
        {
            _log.Write($"Importing blocks file {file}...");
            importer.Import(file, stop);
        }

        if (_options.BlockFiles.Count > 0)
        {
            ImportReport report = importer.Complete();
            _log.Write($"Loaded blocks: {report}");
            foreach (string refusal in report.FirstRefusals)
            {
                _log.Write($"  refused: {refusal}");
            }

            _log.Write($"The tip is block {tree.Tip.Height}: {tree.Tip.Hash}");
        }
    }

    private WalletProcess StartWallet(bool narrate)
    {
        WalletSettings settings = new(
            _options.Network.Name,
            _options.DataDirectory,
            _options.PrintToConsole,
            [.. _options.DebugCategories],
            narrate);
        return _options.WalletInOwnProcess
            ? WalletProcess.Spawn(settings, _log)
            : WalletProcess.InThisProcess(settings, _console);
    }

    private bool Demonstrate(NodeInit init)
    {
        Narrator narrator = new(_process, _console);
        narrator.Say("this is the node");
        long start = Stopwatch.GetTimestamp();
        bool good;
        using (WalletProcess wallet = StartWallet(narrate: true))
        {
            narrator.Say($"started {wallet.Description} in {Narrator.Format(Stopwatch.GetElapsedTime(start))}");
            good = Demonstration.Run(init, wallet.MakeLoader, narrator);
            narrator.Say("lets the wallet go");
            start = Stopwatch.GetTimestamp();
            int? code = wallet.Stop();
            good &= code is null or 0;
            narrator.Say($"{wallet.Description} ended{(code is null ? "" : $" with code {code}")} in {Narrator.Format(Stopwatch.GetElapsedTime(start))}");
        }

        narrator.Say($"ends with code {(good ? 0 : 1)}");
        return good;
    }
}
