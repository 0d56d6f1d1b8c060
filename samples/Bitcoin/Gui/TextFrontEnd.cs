using System.Globalization;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Gui;

/// <summary>
/// Shows blocks and balances as they come, a line for each. It sees the node through its interface only.
/// </summary>
public sealed class TextFrontEnd : IDisposable
{

    private readonly INode _node;
    private readonly TextWriter _output;

    // Written to by threads of the node and of its wallets.
    private readonly Lock _gate = new();
    private readonly List<IHandler> _handlers = [];
    private readonly HashSet<IWallet> _shown = new(ReferenceEqualityComparer.Instance);

    /// <summary>Shows what a node does.</summary>
    public TextFrontEnd(INode node, TextWriter output)
    {
        _node = node;
        _output = output;
    }

    /// <summary>Shows what is being done at the start, and what the user should see.</summary>
    public void ShowMessages()
    {
        Keep(_node.HandleInitMessage(message => Say($"… {message}")));
        Keep(_node.HandleMessageBox((message, isError) => Say($"{(isError ? "error" : "warning")}: {message}")));
    }

    /// <summary>Shows the chain and the wallets, now and as they change.</summary>
    public void Open()
    {
        Say($"block {_node.GetNumBlocks()} {_node.GetBestBlockHash()}");
        Keep(
            _node.HandleNotifyBlockTip(
                (tip, progress) => Say(
                    string.Create(CultureInfo.InvariantCulture, $"block {tip.Height} {tip.Hash}  {progress:P0}"))));
        Keep(_node.HandleWalletsStarted(Attach));
        try
        {
            Attach(_node.WalletLoader());
        }
        catch (InvalidOperationException)
        {
            Say("no wallets");
        }
    }

    /// <summary>Writes a line.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            _output.WriteLine(LineText.EscapeLines(text));
            _output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
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
            // Those of a process that is gone tell nothing any more.
            _shown.Clear();
        }

        Keep(wallets.HandleLoadWallet(Show));
        wallets.GetWallets().ForEach(Show);
    }

    private void Show(IWallet wallet)
    {
        lock (_gate)
        {
            // One that is loaded right now is both in the list and told of.
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
                $"wallet {name}: {balances.Trusted.ToDecimal(NBitcoin.MoneyUnit.BTC):F8} BTC, immature "
                    + $"{balances.Immature.ToDecimal(NBitcoin.MoneyUnit.BTC):F8} BTC"));
    }

    private void Keep(IHandler handler)
    {
        lock (_gate)
        {
            _handlers.Add(handler);
        }
    }
}
