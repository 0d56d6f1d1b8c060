using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>One loaded wallet.</summary>
[IpcInterface]
public interface IWallet
{
    /// <summary>The wallet's name.</summary>
    string GetWalletName();

    /// <summary>A new address for payments.</summary>
    /// <param name="label">The label of payments to it; empty for none.</param>
    /// <exception cref="RpcException">The label is not allowed.</exception>
    string GetNewDestination(string label);

    /// <summary>The addresses created so far with their labels, in order.</summary>
    List<WalletAddress> GetAddresses();

    /// <summary>Whether an output script is one of the wallet's.</summary>
    bool IsMine(Script script);

    /// <summary>The wallet's balances.</summary>
    WalletBalances GetBalances();

    /// <summary>The balances, unless the wallet is busy with a rescan.</summary>
    /// <param name="balances">The balances; null during a rescan.</param>
    /// <param name="tip">The block that they are as of.</param>
    bool TryGetBalances(out WalletBalances? balances, out uint256 tip);

    /// <summary>
    /// The coins that can be spent, by destination.
    /// </summary>
    Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> ListCoins();

    /// <summary>The lowest fee for a transaction.</summary>
    /// <param name="bytes">The size of the transaction.</param>
    /// <param name="confirmTarget">
    /// The number of blocks within which it is to be confirmed; null for the wallet's default.
    /// </param>
    /// <param name="returnedTarget">
    /// The number of blocks that the estimate holds for; null if the fee does not come from an estimate.
    /// </param>
    /// <param name="reason">Where the fee comes from; null if it is the node's minimum.</param>
    Money GetMinimumFee(int bytes, int? confirmTarget, out int? returnedTarget, out string? reason);

    /// <summary>Adds what the wallet knows to a partially signed transaction.</summary>
    /// <param name="sign">Whether to sign too.</param>
    /// <param name="psbt">The transaction, in and out.</param>
    /// <param name="signed">How many inputs were signed; null if <paramref name="sign"/> was false.</param>
    /// <param name="complete">Whether the transaction is complete.</param>
    /// <returns>What went wrong; null for success.</returns>
    PsbtError? FillPsbt(bool sign, ref PSBT psbt, out int? signed, out bool complete);

    /// <summary>Whether the private keys are encrypted under a passphrase.</summary>
    bool IsEncrypted();

    /// <summary>Whether the private keys are encrypted, and cannot be used until the wallet is unlocked.</summary>
    bool IsLocked();

    /// <summary>Encrypts the private keys, and locks the wallet.</summary>
    /// <param name="passphrase">The passphrase, which is disposed.</param>
    /// <returns>
    /// False when there is nothing to encrypt, the passphrase is empty, the wallet is encrypted already, or a rescan
    /// needs the keys.
    /// </returns>
    bool EncryptWallet(SecretString passphrase);

    /// <summary>Unlocks the wallet until <see cref="Lock"/>, or for a time.</summary>
    /// <param name="passphrase">The passphrase, which is disposed.</param>
    /// <param name="time">How long; null for about three years. Parts of a second do not count.</param>
    /// <returns>False when the wallet is not encrypted, or the passphrase is another one.</returns>
    bool Unlock(SecretString passphrase, TimeSpan? time);

    /// <summary>Locks the wallet.</summary>
    /// <returns>False when it is not encrypted, or a rescan needs the keys.</returns>
    bool Lock();

    /// <summary>Changes the passphrase; the wallet stays as it is, locked or unlocked.</summary>
    /// <param name="old">The passphrase so far, which is disposed.</param>
    /// <param name="wanted">The passphrase from now on, which is disposed.</param>
    /// <returns>
    /// False when the wallet is not encrypted, the old passphrase is another one, the new one is empty, or a rescan
    /// needs the keys.
    /// </returns>
    bool ChangePassphrase(SecretString old, SecretString wanted);

    /// <summary>The block up to which the wallet has looked at the chain.</summary>
    BlockTip GetLastBlock();

    /// <summary>Unloads the wallet. Its objects remain usable; changes are no longer reported.</summary>
    void Remove();

    /// <summary>Calls back once, when the wallet is unloaded.</summary>
    IHandler HandleUnload(Action unloaded);

    /// <summary>Calls back with the new balances after each block, in order.</summary>
    IHandler HandleBalancesChanged(Action<WalletBalances> changed);
}
