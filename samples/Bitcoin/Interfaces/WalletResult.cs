using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>A wallet, or why there is none.</summary>
[IpcUnion(0, typeof(WalletLoaded))]
[IpcUnion(1, typeof(WalletFailure))]
public abstract record WalletResult;

/// <summary>The wallet is loaded.</summary>
/// <param name="Wallet">The wallet.</param>
public sealed record WalletLoaded(IWallet Wallet) : WalletResult;

/// <summary>The wallet is not loaded.</summary>
/// <param name="Code">The code a JSON-RPC client sees.</param>
/// <param name="Message">The reason, for the user.</param>
public sealed record WalletFailure(int Code, string Message) : WalletResult;

/// <summary>The result of a wallet's migration.</summary>
/// <param name="Wallet">The wallet in its new form; null after a failure.</param>
/// <param name="BackupPath">The path of the copy of the old file; empty after a failure.</param>
/// <param name="Error">The reason of a failure; null after success.</param>
public sealed record WalletMigration(IWallet? Wallet, string BackupPath, string? Error);
