using System.Globalization;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Gui;

/// <summary>
/// Shows blocks and balances as they change, one line each. Uses only the node's interface.
/// </summary>
public sealed class TextFrontEnd : IFrontEnd
{
    private readonly TextWriter _output;

    // Threads of the node and of its wallets write to it.
    private readonly Lock _gate = new();
    private readonly List<IHandler> _handlers = [];
    private readonly HashSet<IWallet> _shown = new(ReferenceEqualityComparer.Instance);

    /// <summary>Shows what a node does.</summary>
    /// <param name="output">Where the lines go.</param>
    public TextFrontEnd(TextWriter output) => _output = output;

    /// <inheritdoc/>
    public bool WaitsForNode => false;

    /// <summary>Takes the proposed choice, because lines of text ask nothing.</summary>
    public bool Choose(StartChoice proposed, Func<StartChoice, string?> accept, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(accept);
        return accept(proposed) is { } error ? throw new HostException(error) : true;
    }

    /// <inheritdoc/>
    public void Use(Settings settings)
    {
    }

    /// <inheritdoc/>
    public void ShowMessages(INode node)
    {
        Keep(node.HandleInitMessage(message => Say($"… {message}")));
        Keep(node.HandleMessageBox((message, isError) => Say($"{(isError ? "error" : "warning")}: {message}")));
    }

    /// <inheritdoc/>
    public void Open(INode node, ProcessInfo process)
    {
        Say($"block {node.GetNumBlocks()} {node.GetBestBlockHash()}");
        Keep(
            node.HandleNotifyBlockTip(
                (tip, progress) => Say(
                    string.Create(CultureInfo.InvariantCulture, $"block {tip.Height} {tip.Hash}  {progress:P0}"))));
        Keep(node.HandleWalletsStarted(Attach));
        try
        {
            Attach(node.WalletLoader());
        }
        catch (InvalidOperationException)
        {
            Say("no wallets");
        }
    }

    /// <inheritdoc/>
    public void Say(string text)
    {
        lock (_gate)
        {
            _output.WriteLine(LineText.EscapeLines(text));
            _output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close("");

    /// <inheritdoc/>
    public void Close(string reason)
    {
        IHandler[] handlers;
        lock (_gate)
        {
            handlers = [.. _handlers];
            _handlers.Clear();
        }

        foreach (IHandler handler in handlers)
        {
            handler.Dispose();
        }
    }

    private void Attach(IWalletLoader wallets)
    {
        lock (_gate)
        {
            // The wallets of an ended process report nothing any more.
            _shown.Clear();
        }

        Keep(wallets.HandleLoadWallet(Show));
        wallets.GetWallets().ForEach(Show);
    }

    private void Show(IWallet wallet)
    {
        lock (_gate)
        {
            // A wallet that is being loaded is in the list, and is also reported.
            if (!_shown.Add(wallet))
            {
                return;
            }
        }

        string name = wallet.GetWalletName();
        Show(name, wallet.GetBalances());
        Keep(wallet.HandleBalancesChanged(balances => Show(name, balances)));
        Keep(wallet.HandleUnload(() => Unloaded(wallet, name)));
    }

    private void Unloaded(IWallet wallet, string name)
    {
        lock (_gate)
        {
            _shown.Remove(wallet);
        }

        Say($"wallet {name} unloaded");
    }

    private void Show(string name, WalletBalances balances)
    {
        Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"wallet {name}: {balances.Trusted.ToDecimal(NBitcoin.MoneyUnit.BTC):F8} {Currency.Names.Unit}, immature "
                    + $"{balances.Immature.ToDecimal(NBitcoin.MoneyUnit.BTC):F8} {Currency.Names.Unit}"));
    }

    private void Keep(IHandler handler)
    {
        lock (_gate)
        {
            _handlers.Add(handler);
        }
    }
}
