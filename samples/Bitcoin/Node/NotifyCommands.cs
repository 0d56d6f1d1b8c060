using System.Diagnostics;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>
/// Programs of the user's that are run when something happens: -blocknotify, -startupnotify, -shutdownnotify,
/// -alertnotify.
/// </summary>
/// <remarks>
/// They run in a shell, and nobody waits for them but at the shutdown. One that fails is told in the log.
/// </remarks>
internal sealed class NotifyCommands(Settings settings, DebugLog log) : IChainSubscriber
{
    private static readonly TimeSpan s_shutdownPatience = TimeSpan.FromMinutes(1);

    private NodeContext? _node;

    /// <summary>The node has started.</summary>
    internal void Started() => Run("startupnotify", static command => command);

    /// <summary>Hears of new tips and of warnings from here on.</summary>
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

    /// <summary>The node warns of something.</summary>
    private void OnWalletTransaction(string wallet, uint256 txid, uint256? block, int height)
    {
        // A name may hold anything: it stands in quotes, and those within it are taken out of them.
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
        // It is about to stand in a command: what means something to a shell goes.
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

    /// <summary>The node ends: all commands run at once, and are waited for.</summary>
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
        // Of several the last holds.
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
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            log.Warn($"A command could not be run: {exception.Message}");
            return null;
        }
    }
}
