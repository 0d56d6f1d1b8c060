namespace Bitcoin.Wallet.Storage;

/// <summary>A wallet's file cannot be opened, read or written. The message is for the user.</summary>
internal sealed class WalletFileException(string message, Exception? inner = null) : IOException(message, inner);
