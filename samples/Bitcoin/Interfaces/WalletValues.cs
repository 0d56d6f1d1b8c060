using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>What a wallet has.</summary>
/// <param name="Trusted">What can be spent.</param>
/// <param name="Pending">What others pay it in transactions that wait; null where that is not told.</param>
/// <param name="Immature">What coinbases paid that cannot be spent yet.</param>
public sealed record WalletBalances(Money Trusted, Money Immature, Money? Pending = null);

/// <summary>An address of a wallet.</summary>
/// <param name="Address">The address as users write it.</param>
/// <param name="Label">The account it belongs to; empty for the unnamed one.</param>
public sealed record WalletAddress(string Address, string Label);

/// <summary>A coin of a wallet.</summary>
/// <param name="Amount">In satoshis.</param>
/// <param name="Height">The height of the block that made it.</param>
/// <param name="Depth">How many blocks confirm it.</param>
/// <param name="IsSpendable">Whether it is mature.</param>
public sealed record WalletCoin(Money Amount, int Height, int Depth, bool IsSpendable);

/// <summary>Who may spend an output.</summary>
[IpcUnion(0, typeof(NoDestination))]
[IpcUnion(1, typeof(WitnessDestination))]
public abstract record WalletDestination;

/// <summary>A script that is no address.</summary>
/// <param name="Script">The script, in hexadecimal digits.</param>
public sealed record NoDestination(string Script) : WalletDestination;

/// <summary>A witness program.</summary>
/// <param name="Address">The address as users write it.</param>
/// <param name="Label">The account it belongs to.</param>
public sealed record WitnessDestination(string Address, string Label) : WalletDestination;

/// <summary>What is wrong with a partially signed transaction.</summary>
public enum PsbtError
{
    /// <summary>The wallet has no key for it.</summary>
    MissingKeys,

    /// <summary>What an input spends is not known, or is not what it says.</summary>
    MissingInputs,

    /// <summary>An input is to be signed otherwise than it says itself.</summary>
    SigHashMismatch,
}
