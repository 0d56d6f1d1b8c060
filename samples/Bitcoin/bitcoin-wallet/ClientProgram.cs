using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet;
using Multiprocess;

namespace Bitcoin.WalletHost;

/// <summary>The wallet program when nobody spawned it: connects to a running node, asks it something and ends.</summary>
internal static class ClientProgram
{
    private const string Usage = "bitcoin-wallet [options] <command> [arguments]";

    private static readonly Option[] s_options =
    [
        new("help", null, "Print this."),
        .. NetworkOption.Options,
        new("datadir", "dir", "Where the node keeps its files, its socket among them."),
        new("ipcconnect", "address", "The node's socket: unix, or unix:<path>, relative to the network's data directory or absolute. Default: unix. Access to the socket is full access to the node."),
        new("debug", "category", "Log this category to the error output; \"ipc\" shows every call."),
    ];

    internal static int Run(string[] args, ThisProcess process, DebugLog log)
    {
        if (!CommandLine.TryParse(args, s_options, out CommandLine? commandLine, out string? error))
        {
            return Fail($"Error parsing command line arguments: {error}");
        }

        if (commandLine.IsOn("help"))
        {
            Console.WriteLine($"{CommandLine.Help(Usage, s_options)}\nCommands:\n\n{ClientCommands.Usage}");
            return 0;
        }

        if (!NetworkOption.TryChoose(commandLine, out NetworkParameters? network, out error)
            || !SocketOption.TryResolve(commandLine.Last("ipcconnect") ?? "", DataDirectory.ForNetwork(commandLine.Last("datadir"), network), out string? address, out error))
        {
            return Fail(error);
        }

        log.Open(null, Console.Error, commandLine.All("debug"));
        return Ask(address, commandLine.Words, process, log);
    }

    private static int Ask(string address, IReadOnlyList<string> words, ThisProcess process, DebugLog log)
    {
        try
        {
            using StopSignals signals = new();
            using IpcConnection<IInit> connection = IpcConnection.Connect<IInit>(address, new IpcConnectionOptions { LoggerFactory = log });
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, connection.Closed);
            new ClientCommands(connection.Root, process, Console.Out, stop.Token).Run(words);
            return connection.Closed.IsCancellationRequested ? Fail("The node ended.") : 0;
        }
        catch (Exception exception) when (exception is CommandException or IpcException)
        {
            return Fail(exception.Message);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"Error: {message}");
        return 1;
    }
}
