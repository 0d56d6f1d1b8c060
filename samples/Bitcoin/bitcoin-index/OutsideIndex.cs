using Bitcoin.Hosting;
using Bitcoin.Indexes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Multiprocess;

namespace Bitcoin.IndexHost;

/// <summary>
/// The index program without a parent: connects to a running node, and keeps indexes that the node uses for its
/// answers, until one of the two ends.
/// </summary>
internal sealed class OutsideIndex(IIpc ipc, IndexInit init, DebugLog log)
{
    private static readonly Option[] s_options =
    [
        new("help", null, "Print this."),
        .. NetworkOption.Options,
        new("datadir", "dir", "Where the indexes and the log are; the node's usual socket too. Must exist."),
        .. ConfigFile.Options,
        .. ToolkitOptions,
        new("txindex", null, "Keep an index of all transactions. Default: 0."),
        new("txospenderindex", null, "Keep an index of who spent an output. Default: 0."),
        new("blockfilterindex", null, "Keep an index of basic block filters. Default: 0."),
        new("coinstatsindex", null, "Keep an index of the statistics of coins. Default: 0."),
        new("reindex", null, "Delete the indexes first."),
        new("printtoconsole", null, "Print the log. Default: 1."),
        new("debug", "category", "Log this category; \"ipc\" shows every call. May be given several times."),
    ];

    private static readonly (string Option, string Index)[] s_indexes =
    [
        ("txindex", IndexNames.Transactions),
        ("txospenderindex", IndexNames.Spenders),
        ("blockfilterindex", IndexNames.BasicFilters),
        ("coinstatsindex", IndexNames.Statistics),
    ];

    private static IEnumerable<Option> ToolkitOptions
        => Ipc.ToolkitIpc.Options.Where(static option => option.Name != "ipcbind");

    internal int Run(string[] args)
    {
        if (!CommandLine.TryParse(args, s_options, out CommandLine? line, out string? error))
        {
            return Fail($"Error parsing command line arguments: {error}");
        }

        if (line.IsOn("help"))
        {
            Console.WriteLine(CommandLine.Help($"{Currency.Names.Program("index")} [options]", s_options));
            return 0;
        }

        if (line.Words.Count > 0)
        {
            return Fail(
                $"Command line contains unexpected token '{line.Words[0]}', see {Currency.Names.Program("index")} -help for a list of "
                    + $"options.");
        }

        if (!Settings.TryMake(line, s_options, out Settings? settings, out error))
        {
            return Fail(error);
        }

        using StopSignals signals = new();
        try
        {
            DebugLog.Check(settings.All("debug"));
            return Serve(settings, signals.Token);
        }
        catch (Exception exception) when (exception is HostException
            or IOException
            or InvalidDataException
            or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    private int Serve(Settings settings, CancellationToken stop)
    {
        string[] names = [.. s_indexes.Where(index => settings.IsOn(index.Option)).Select(static index => index.Index)];
        if (names.Length == 0)
        {
            throw new HostException(
                $"There is nothing to keep. Expected one of "
                    + $"-{string.Join(", -", s_indexes.Select(static index => index.Option))}.");
        }

        DataDirectory.Create(settings.Directory);
        using IRemoteProcess node = ipc.Connect(settings.Last("ipcconnect") ?? "unix", settings)
            ?? throw new HostException("There is no node to connect to.");
        try
        {
            return Serve(node, settings, names, stop);
        }
        catch (Exception exception) when (ipc.IsDisconnection(exception)
            || (node.Closed.IsCancellationRequested && exception is not HostException))
        {
            log.Write("The node is gone");
            return 0;
        }
    }

    private int Serve(IRemoteProcess node, Settings settings, string[] names, CancellationToken stop)
    {
        IChain chain = node.Init.MakeChain() ?? throw new HostException("The process at the other end has no chain.");
        if (chain.GetNetwork() != settings.Network.Name)
        {
            throw new HostException($"The node is on {chain.GetNetwork()}, these indexes on {settings.Network}.");
        }

        IndexSettings wanted = new(
            settings.Network.Name,
            settings.Directory,
            settings.IsOn("printtoconsole", byDefault: true),
            [.. settings.All("debug")],
            names,
            settings.IsOn("reindex"));
        using IIndexes indexes = init.MakeIndexes(chain, wanted)!;
        if (!indexes.Start(out string? error))
        {
            throw new HostException(error ?? "An index cannot be started.");
        }

        using IHandler attached = chain.HandleIndexes(indexes);
        log.Write("Done loading");
        WaitHandle.WaitAny([stop.WaitHandle, node.Closed.WaitHandle]);
        log.Write(node.Closed.IsCancellationRequested ? "The node is gone" : "Shutdown: in progress");
        return 0;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"Error: {IpcText.EscapeLines(message)}");
        return 1;
    }
}
