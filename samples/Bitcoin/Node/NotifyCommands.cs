using System.Diagnostics;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>
/// Runs the user's commands for events: -blocknotify, -startupnotify, -shutdownnotify, -alertnotify.
/// </summary>
/// <remarks>
/// The commands run in a shell. Only the shutdown waits for them. A command that fails is logged.
/// </remarks>
internal sealed class NotifyCommands(Settings settings, DebugLog log) : IChainSubscriber
{
    private static readonly TimeSpan s_shutdownPatience = TimeSpan.FromMinutes(1);

    private NodeContext? _node;

    /// <summary>Runs the command for the node's start.</summary>
    internal void Started() => Run("startupnotify", static command => command);

    /// <summary>Starts to listen for new tips and warnings.</summary>
    internal void Follow(NodeContext node)
    {
        _node = node;
        if (settings.IsGiven("blocknotify"))
        {
            node.Tree.Subscribe(this);
        }

        if (settings.IsGiven("walletnotify"))
        {
            node.WalletNotify = OnWalletTransaction;
        }

        if (settings.IsGiven("alertnotify"))
        {
            node.Messages.OnMessage((text, isError) => OnAlert(text));
        }
    }

    void IChainSubscriber.BlockConnected(ChainBlock block, Block data)
    {
    }

    void IChainSubscriber.BlockDisconnected(ChainBlock block, Block data)
    {
    }

    void IChainSubscriber.TipUpdated(ChainBlock tip)
    {
        if (_node?.IsInitialDownload == false)
        {
            Run("blocknotify", command => command.Replace("%s", tip.Hash.ToString(), StringComparison.Ordinal));
        }
    }

    /// <summary>Runs the command for a wallet's transaction.</summary>
    private void OnWalletTransaction(string wallet, uint256 txid, uint256? block, int height)
    {
        // A name may contain any character: it is put in quotes, and its own quotes are escaped.
        string name = OperatingSystem.IsWindows()
            ? ""
            : "'" + wallet.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";
        Run("walletnotify", command => command
            .Replace("%s", txid.ToString(), StringComparison.Ordinal)
            .Replace("%b", block?.ToString() ?? "unconfirmed", StringComparison.Ordinal)
            .Replace("%h", height.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("%w", name, StringComparison.Ordinal));
    }

    private void OnAlert(string text)
    {
        // The text becomes part of a command: characters with a meaning for the shell are removed.
        string safe = "'" + string.Concat(
            text.Where(
                static c
                    => char.IsAsciiLetterOrDigit(c)
                        || c is ' '
                            or '.'
                            or ','
                            or ';'
                            or '-'
                            or '_'
                            or '/'
                            or ':'
                            or '?'
                            or '@'
                            or '('
                            or ')')) + "'";
        Run("alertnotify", command => command.Replace("%s", safe, StringComparison.Ordinal));
    }

    /// <summary>Runs all commands for the node's end at the same time, and waits for them.</summary>
    internal void Ending()
    {
        List<Process> running = [.. settings.All("shutdownnotify").Select(Start).OfType<Process>()];
        foreach (Process process in running)
        {
            using (process)
            {
                process.WaitForExit(s_shutdownPatience);
            }
        }
    }

    private void Run(string option, Func<string, string> fill)
    {
        // The last of several values counts.
        if (settings.Last(option) is not { Length: > 0 } command
            || command == "0"
            || Start(fill(command)) is not { } process)
        {
            return;
        }

        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
        {
            if (process.ExitCode != 0)
            {
                log.Write($"runCommand error: {option} returned {process.ExitCode}");
            }

            process.Dispose();
        };
    }

    private Process? Start(string command)
    {
        try
        {
            ProcessStartInfo start = OperatingSystem.IsWindows()
                ? new ProcessStartInfo("cmd.exe", ["/c", command])
                : new ProcessStartInfo("/bin/sh", ["-c", command]);
            return Process.Start(start);
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception
            or InvalidOperationException)
        {
            log.Warn($"A command could not be run: {exception.Message}");
            return null;
        }
    }
}
