using Bitcoin.Interfaces;

namespace Bitcoin.GuiWeb.Model;

/// <summary>A loaded wallet for the page. Immutable: a change creates a new one.</summary>
/// <param name="Name">The name of the wallet; any text, also empty.</param>
/// <param name="Wallet">The wallet.</param>
/// <param name="Balances">The balances; null if unknown.</param>
/// <param name="Changes">The number of changes: data that was requested before a change is outdated.</param>
internal sealed record WalletModel(string Name, IWallet Wallet, WalletBalances? Balances, int Changes);
