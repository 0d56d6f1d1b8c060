using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>The wallets of a process, as the node controls them. Dispose stops all that it started.</summary>
[IpcInterface]
public interface IWalletLoader : IDisposable
{
    /// <summary>Registers the wallet's JSON-RPC methods with the node.</summary>
    void RegisterRpcs();

    /// <summary>
    /// Loads the wallets that the settings name, and starts to listen to the node's chain.
    /// </summary>
    /// <param name="error">What went wrong, for the user; null after success.</param>
    bool Load(out string? error);

    /// <summary>Creates a wallet and loads it.</summary>
    /// <param name="name">The wallet's name.</param>
    /// <param name="passphrase">The passphrase that encrypts it; empty for no encryption. It is disposed.</param>
    /// <param name="warnings">Warnings for the user.</param>
    /// <returns>The wallet, or why there is none.</returns>
    WalletResult CreateWallet(string name, SecretString passphrase, out List<string> warnings);

    /// <summary>Loads a wallet from the directory.</summary>
    WalletResult LoadWallet(string name, out List<string> warnings);

    /// <summary>Converts a wallet to the newest format and keeps a copy of the old file.</summary>
    /// <param name="name">The wallet's name.</param>
    /// <param name="passphrase">The passphrase of an encrypted wallet; empty for none. It is disposed.</param>
    WalletMigration MigrateWallet(string name, SecretString passphrase);

    /// <summary>The directory of the wallets.</summary>
    string GetWalletDir();

    /// <summary>The wallets in the directory, loaded or not: name and format.</summary>
    List<(string Name, string Format)> ListWalletDir();

    /// <summary>The wallets that are loaded.</summary>
    List<IWallet> GetWallets();

    /// <summary>For tests: does now what the wallets would do when some time has passed.</summary>
    void MockScheduler(TimeSpan delta);

    /// <summary>Calls back with each wallet that is loaded from now on.</summary>
    IHandler HandleLoadWallet(Action<IWallet> loaded);
}
