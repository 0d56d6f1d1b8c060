using Bitcoin.Interfaces;

namespace Bitcoin.GuiWeb.Model;

/// <summary>A loaded wallet as the page knows it. It does not change: a newer one takes its place.</summary>
/// <param name="Name">The wallet's name, which may be anything, also nothing.</param>
/// <param name="Wallet">The wallet.</param>
/// <param name="Balances">What it has; null while that is not known.</param>
/// <param name="Changes">How often it has changed: what was asked for before is old.</param>
internal sealed record WalletModel(string Name, IWallet Wallet, WalletBalances? Balances, int Changes);
