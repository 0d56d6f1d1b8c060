using Bitcoin.Hosting;

namespace Bitcoin.Node;

/// <summary>Runs a node without a user interface, from its command line to its exit code.</summary>
public static class NodeMain
{
    private const string Prefix = "Error: ";

    /// <summary>Runs the node until it is asked to stop.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Its options besides those of every node.</param>
    /// <param name="node">The node.</param>
    /// <param name="log">The process's log.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string program, string[] args, IReadOnlyList<Option> options, NodeRuntime node, DebugLog log)
    {
        Background? background = Background.Join();
        Option[] known = [.. NodeOptions.Own, .. NetworkOption.Options, .. options];
        if (!CommandLine.TryParse(args, known, out CommandLine? line, out string? error))
        {
            return Fail($"Error parsing command line arguments: {error}");
        }

        if (line.WantsHelp)
        {
            Console.WriteLine(CommandLine.Help($"{program} [options]", known));
            return 0;
        }

        if (line.IsOn("version"))
        {
            Console.WriteLine(ClientName.Version("daemon", program));
            return 0;
        }

        if (line.Words.Count > 0)
        {
            return Fail(
                $"Command line contains unexpected token '{line.Words[0]}', see {program} -help for a list of "
                    + $"options.");
        }

        if (!Settings.TryMake(line, known, out Settings? settings, out error))
        {
            return Fail(error);
        }

        if (!settings.IsOn("daemon") && !settings.IsOn("daemonwait"))
        {
            return Run(settings, node, log, null);
        }

        if (background is not null)
        {
            return Run(settings.WithDefault("printtoconsole", "0"), node, log, background);
        }

        if (!Background.IsSupported)
        {
            return Fail("-daemon is not supported on this operating system");
        }

        Console.WriteLine($"{ClientName.Text} starting");
        return Background.Start(args);
    }

    private static int Run(Settings settings, NodeRuntime node, DebugLog log, Background? background)
    {
        bool waits = settings.IsOn("daemonwait");
        using StopSignals signals = new();
        foreach (string aside in settings.Asides)
        {
            Console.Error.WriteLine(LineText.Escape(aside));
        }

        try
        {
            node.Configure(settings);
            node.Initialize();
            if (settings.Complaints.Count > 0)
            {
                Console.Error.WriteLine($"Warning: {string.Join('\n', settings.Complaints)}");
            }

            if (!waits)
            {
                background?.Detach();
            }

            using CancellationTokenRegistration stop = signals.Token.Register(node.RequestStop);
            node.Context!.Complain = Console.Error.WriteLine;
            node.Start();
            node.Context.Complain = null;
            if (waits)
            {
                background?.Detach();
            }

            node.WaitForStop();
            node.Dispose();
            return node.Context.Failure is { } failure
                ? Fail($"A fatal internal error occurred, see debug.log for details: {failure}")
                : 0;
        }
        catch (OperationCanceledException) when (node.Context?.Stopping.IsCancellationRequested == true)
        {
            node.Dispose();
            return 0;
        }
        catch (HostException exception)
        {
            log.Write($"Error: {exception.Message}");
            node.Dispose();
            return Fail(exception.Message, exception.IsQuestion ? "" : Prefix);
        }
    }

    private static int Fail(string message, string prefix = Prefix)
    {
        Console.Error.WriteLine($"{prefix}{LineText.EscapeLines(message)}");
        return 1;
    }
}
