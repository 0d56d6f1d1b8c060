using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>One loaded wallet.</summary>
[IpcInterface]
public interface IWallet
{
    /// <summary>The wallet's name.</summary>
    string GetWalletName();

    /// <summary>A new address to be paid at.</summary>
    /// <param name="label">The account that what arrives there belongs to; empty for the unnamed one.</param>
    /// <exception cref="RpcException">The label cannot be one.</exception>
    string GetNewDestination(string label);

    /// <summary>The addresses made so far with their labels, in order.</summary>
    List<WalletAddress> GetAddresses();

    /// <summary>Whether an output script is one of the wallet's.</summary>
    bool IsMine(Script script);

    /// <summary>What the wallet has.</summary>
    WalletBalances GetBalances();

    /// <summary>The balances, unless the wallet is busy with a rescan.</summary>
    /// <param name="balances">The balances; null when they cannot be told now.</param>
    /// <param name="tip">The block up to which they count.</param>
    bool TryGetBalances(out WalletBalances? balances, out uint256 tip);

    /// <summary>
    /// What can be spent, by whom it can be spent: for each destination the coins with what is known of them.
    /// </summary>
    Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> ListCoins();

    /// <summary>The least fee for a transaction.</summary>
    /// <param name="bytes">The size of the transaction.</param>
    /// <param name="confirmTarget">
    /// Within how many blocks it should be confirmed; null for the wallet's own choice.
    /// </param>
    /// <param name="returnedTarget">
    /// The number of blocks the answer is good for; null when the fee does not come from an estimate.
    /// </param>
    /// <param name="reason">Where the fee comes from; null when it is the node's minimum.</param>
    Money GetMinimumFee(int bytes, int? confirmTarget, out int? returnedTarget, out string? reason);

    /// <summary>Fills in what the wallet knows of a partially signed transaction.</summary>
    /// <param name="sign">Whether to sign too.</param>
    /// <param name="psbt">The transaction, in and out.</param>
    /// <param name="signed">How many inputs were signed; null when none was to be.</param>
    /// <param name="complete">Whether nothing is missing any more.</param>
    /// <returns>What went wrong; null for nothing.</returns>
    PsbtError? FillPsbt(bool sign, ref PSBT psbt, out int? signed, out bool complete);

    /// <summary>The block up to which the wallet has looked at the chain.</summary>
    BlockTip GetLastBlock();

    /// <summary>Unloads the wallet; its objects stay, and what changes is told to nobody.</summary>
    void Remove();

    /// <summary>Calls back once when the wallet is unloaded.</summary>
    IHandler HandleUnload(Action unloaded);

    /// <summary>Calls back with the new balances after each block, in order.</summary>
    IHandler HandleBalancesChanged(Action<WalletBalances> changed);
}
