using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>The wallet process as its node drives it. Disposing it ends what it has begun.</summary>
[IpcInterface]
public interface IWalletLoader : IDisposable
{
    /// <summary>Registers the wallet's JSON-RPC methods with the node.</summary>
    void RegisterRpcs();

    /// <summary>
    /// Loads the wallets that are to be loaded at the start, and begins to listen to the node's chain.
    /// </summary>
    /// <param name="error">What went wrong, for the user; null after success.</param>
    bool Load(out string? error);

    /// <summary>Makes a wallet and loads it.</summary>
    /// <param name="name">The wallet's name.</param>
    /// <param name="passphrase">What it is locked with; empty for nothing.</param>
    /// <param name="warnings">What the user should know.</param>
    /// <returns>The wallet, or why there is none.</returns>
    WalletResult CreateWallet(string name, [IpcSensitive] string passphrase, out List<string> warnings);

    /// <summary>Loads a wallet from the directory.</summary>
    WalletResult LoadWallet(string name, out List<string> warnings);

    /// <summary>Rewrites a wallet in the newest form and keeps a copy of the old one.</summary>
    WalletMigration MigrateWallet(string name, [IpcSensitive] string passphrase);

    /// <summary>Where the wallets are.</summary>
    string GetWalletDir();

    /// <summary>The wallets in the directory, loaded or not: name and format.</summary>
    List<(string Name, string Format)> ListWalletDir();

    /// <summary>The wallets that are loaded.</summary>
    List<IWallet> GetWallets();

    /// <summary>Calls back with each wallet that is loaded from now on.</summary>
    IHandler HandleLoadWallet(Action<IWallet> loaded);
}
