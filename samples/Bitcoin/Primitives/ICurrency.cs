using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>
/// A currency: all that differs between two chains whose nodes, wallets and user interfaces are the same program. Its
/// methods read nothing but their arguments, and any number of threads may call them.
/// </summary>
public interface ICurrency
{
    /// <summary>The words that users see, and the names of programs and files.</summary>
    CurrencyNames Names { get; }

    /// <summary>The networks, the main network first.</summary>
    IReadOnlyList<NetworkParameters> Networks { get; }

    /// <summary>Whether there are witnesses: segwit and taproot, with their addresses and descriptors.</summary>
    bool HasWitnesses { get; }

    /// <summary>
    /// The 32 bytes of the hash of a block's header, which is the block's name and its proof of work.
    /// </summary>
    /// <param name="header">The header's 80 bytes.</param>
    byte[] HashHeader(ReadOnlySpan<byte> header);

    /// <summary>The target, in its compact form, that a block must have.</summary>
    /// <param name="network">The network.</param>
    /// <param name="previous">The block's parent.</param>
    /// <param name="time">The block's time, in seconds since 1970.</param>
    uint TargetAfter(NetworkParameters network, IBlockPlace previous, uint time);

    /// <summary>What a block makes.</summary>
    /// <param name="network">The network.</param>
    /// <param name="height">The block's distance from the first block.</param>
    /// <param name="previousBits">The target of the block's parent, in its compact form; 0 for the first block.</param>
    BlockReward RewardAt(NetworkParameters network, int height, uint previousBits);

    /// <summary>What the currency adds to a transaction.</summary>
    TransactionExtension ExtensionOf(Transaction transaction);
}
