using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Gui;

/// <summary>Runs a user interface, from its command line to its exit code.</summary>
/// <remarks>
/// If it started its node, it initializes the node and shuts it down. On a node that ran before, it does neither.
/// </remarks>
public sealed class GuiMain
{
    private static string NodeProgram => Currency.Names.Program("node");
    private const string LogName = "debug.log.gui";
    private const string NodeIsGone = "The node is gone.";

    /// <summary>How long between two tries to reach a node that is gone.</summary>
    private static readonly TimeSpan s_knock = TimeSpan.FromSeconds(1);

    private readonly ThisProcess _process;
    private readonly IReadOnlyList<Option> _options;
    private readonly IInit? _local;
    private readonly IIpc? _ipc;
    private readonly DebugLog _log;
    private readonly Func<Settings, DebugLog, IFrontEnd>? _page;

    /// <summary>Creates a user interface.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="options">The options that it knows.</param>
    /// <param name="local">Creates a node in this process; null if there is none.</param>
    /// <param name="ipc">Connects to a node in another process, or starts one.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="page">Makes the front end that serves a page; null where there is but text.</param>
    public GuiMain(
        ThisProcess process,
        IReadOnlyList<Option> options,
        IInit? local,
        IIpc? ipc,
        DebugLog log,
        Func<Settings, DebugLog, IFrontEnd>? page = null)
    {
        _process = process;
        _options = options;
        _local = local;
        _ipc = ipc;
        _log = log;
        _page = page;
    }

    /// <summary>Runs until the user or the node ends it.</summary>
    /// <returns>The exit code.</returns>
    public int Run(string[] args)
    {
        if (!CommandLine.TryParse(args, _options, out CommandLine? line, out string? error))
        {
            return Fail($"Error parsing command line arguments: {error}");
        }

        if (line.WantsHelp)
        {
            Console.WriteLine(CommandLine.Help($"{_process.Program} [options]", _options));
            return 0;
        }

        if (line.Words.Count > 0)
        {
            return Fail(
                $"Command line contains unexpected token '{line.Words[0]}', see {_process.Program} -help for a list of "
                    + $"options.");
        }

        if (!Settings.TryMake(line, _options, out Settings? settings, out error))
        {
            return Fail(error);
        }

        using StopSignals signals = new();
        try
        {
            settings = Quiet(settings);
            bool isText = _page is null || settings.IsOn(GuiOptions.Text);
            using IFrontEnd window = isText ? new TextFrontEnd(Console.Out) : _page!(settings, _log);
            if (!isText && FirstStart.Find(line, _options, settings) is { } first)
            {
                if (!window.Choose(first.Proposed, first.Accept, signals.Token) || first.Settings is not { } chosen)
                {
                    return 0;
                }

                settings = Quiet(chosen);
                window.Use(settings);
            }

            return _local?.MakeNode(settings.HandOver()) is { } node
                ? RunOwn(window, () => node, _process.Describe, static _ => false, default, signals.Token)
                : RunElsewhere(window, settings, signals.Token);
        }
        catch (HostException exception)
        {
            return Fail(exception.Message);
        }
    }

    /// <summary>The user interface writes to the console, so the log goes to a file only.</summary>
    private static Settings Quiet(Settings settings)
        => settings.WithDefault("printtoconsole", "0").WithDefault("server", "0");

    private int RunElsewhere(IFrontEnd window, Settings settings, CancellationToken stop)
    {
        IIpc ipc = _ipc ?? throw new HostException($"{_process.Program} has no node.");
        DataDirectory.Create(settings.Directory);
        _log.Open(Path.Combine(settings.Directory, LogName), null, settings.All("debug"));
        _log.Write($"{_process.Program} on {settings.Network}, process {Environment.ProcessId}");
        if (ipc.Connect(settings.Last("ipcconnect") ?? "auto", settings) is { } remote)
        {
            List<IListener> listeners =
                [
                    .. settings.All("ipcbind").Select(
                        address => ipc.Listen(address, settings, () => new GuiInit(_process))),
                ];
            try
            {
                return RunOutside(window, ipc, remote, settings, stop);
            }
            finally
            {
                listeners.ForEach(static listener => listener.Dispose());
            }
        }

        // The node gets -ipcbind together with its other settings: other programs connect to the node.
        using LoggedChild child = LoggedChild.Start(ipc, NodeProgram, _log);
        return RunOwn(
            window,
            () => child.Init.MakeNode(settings.HandOver()) ?? throw new HostException($"{NodeProgram} has no node."),
            child.Init.GetProcess,
            ipc.IsDisconnection,
            child.Closed,
            stop);
    }

    /// <summary>Shows a node that ran before; where the front end waits for it, each time that it is there.</summary>
    private int RunOutside(
        IFrontEnd window, IIpc ipc, IRemoteProcess remote, Settings settings, CancellationToken stop)
    {
        IRemoteProcess? there = remote;
        while (there is not null)
        {
            using (there)
            {
                int code = Guard(window, ipc.IsDisconnection, there.Closed, () => Show(window, there, settings, stop));
                if (code != 0 || !window.WaitsForNode || stop.IsCancellationRequested)
                {
                    return code;
                }

                window.Close(NodeIsGone);
            }

            there = WaitForNode(ipc, settings, stop);
        }

        return 0;
    }

    private static int Show(IFrontEnd window, IRemoteProcess remote, Settings settings, CancellationToken stop)
    {
        INode node = remote.Init.MakeNode(settings.HandOver())
            ?? throw new HostException("The process at the other end has no node.");
        ProcessInfo process = remote.Init.GetProcess();
        window.Say($"on {process.Program}, process {process.ProcessId}");
        window.Open(node, process);
        WaitHandle.WaitAny([stop.WaitHandle, remote.Closed.WaitHandle]);
        return 0;
    }

    /// <returns>The node's process; null when the user ends the wait.</returns>
    private static IRemoteProcess? WaitForNode(IIpc ipc, Settings settings, CancellationToken stop)
    {
        while (!stop.WaitHandle.WaitOne(s_knock))
        {
            try
            {
                if (ipc.Connect(settings.Last("ipcconnect") ?? "auto", settings) is { } remote)
                {
                    return remote;
                }
            }
            catch (HostException)
            {
                // No node listens yet.
            }
        }

        return null;
    }

    private int RunOwn(
        IFrontEnd window,
        Func<INode> makeNode,
        Func<ProcessInfo> process,
        Func<Exception, bool> isDisconnection,
        CancellationToken lost,
        CancellationToken stop)
    {
        return Guard(window, isDisconnection, lost, () =>
        {
            INode node = makeNode();
            using ManualResetEvent shutdown = new(initialState: false);
            if (!node.BaseInitialize(out string? error))
            {
                return Fail(error ?? "The node cannot be initialized.");
            }

            using IHandler asked = node.HandleShutdown(() => shutdown.Set());
            using CancellationTokenRegistration early = stop.Register(node.StartShutdown);
            window.ShowMessages(node);
            bool good = node.AppInitMain(out _, out error);
            if (good)
            {
                window.Open(node, process());
                WaitHandle.WaitAny([stop.WaitHandle, lost.WaitHandle, shutdown]);
            }

            bool wasAsked = stop.IsCancellationRequested || node.ShutdownRequested();
            window.Close("The program is ending.");
            node.AppShutdown();
            return good || wasAsked ? 0 : Fail(error ?? "The node cannot be started.");
        });
    }

    /// <summary>What is lost with the node is no error of the user interface's: it ends, or waits.</summary>
    private int Guard(
        IFrontEnd window, Func<Exception, bool> isDisconnection, CancellationToken lost, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when ((isDisconnection(exception) || lost.IsCancellationRequested)
            && exception is not HostException)
        {
            _log.Write($"The node is gone: {exception.Message}");
            window.Say(NodeIsGone);
            return 0;
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"Error: {LineText.EscapeLines(message)}");
        return 1;
    }
}
