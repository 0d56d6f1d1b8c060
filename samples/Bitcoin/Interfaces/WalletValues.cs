using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>The balances of a wallet.</summary>
/// <param name="Trusted">The amount that can be spent.</param>
/// <param name="Pending">The amount that others pay in unconfirmed transactions; null if it was not computed.</param>
/// <param name="Immature">The amount of coinbases that cannot be spent yet.</param>
public sealed record WalletBalances(Money Trusted, Money Immature, Money? Pending = null);

/// <summary>An address of a wallet.</summary>
/// <param name="Address">The address as users write it.</param>
/// <param name="Label">The label; empty for none.</param>
public sealed record WalletAddress(string Address, string Label);

/// <summary>A coin of a wallet.</summary>
/// <param name="Amount">In satoshis.</param>
/// <param name="Height">The height of the block that created it.</param>
/// <param name="Depth">The number of its confirmations.</param>
/// <param name="IsSpendable">Whether it is mature.</param>
public sealed record WalletCoin(Money Amount, int Height, int Depth, bool IsSpendable);

/// <summary>The owner of an output.</summary>
[IpcUnion(0, typeof(NoDestination))]
[IpcUnion(1, typeof(WitnessDestination))]
public abstract record WalletDestination;

/// <summary>A script without an address.</summary>
/// <param name="Script">The script, in hexadecimal digits.</param>
public sealed record NoDestination(string Script) : WalletDestination;

/// <summary>A witness program.</summary>
/// <param name="Address">The address as users write it.</param>
/// <param name="Label">The label; empty for none.</param>
public sealed record WitnessDestination(string Address, string Label) : WalletDestination;

/// <summary>What is wrong with a partially signed transaction.</summary>
public enum PsbtError
{
    /// <summary>The wallet lacks a key that it needs.</summary>
    MissingKeys,

    /// <summary>The output that an input spends is unknown, or differs from what the input says.</summary>
    MissingInputs,

    /// <summary>An input asks for another kind of signature than the caller.</summary>
    SigHashMismatch,
}
