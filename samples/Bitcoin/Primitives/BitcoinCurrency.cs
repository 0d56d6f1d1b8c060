using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Primitives;

/// <summary>Bitcoin.</summary>
public sealed class BitcoinCurrency : ICurrency
{
    private const int Halvings = 64;

    private static readonly Lazy<IReadOnlyList<NetworkParameters>> s_networks = new(static () =>
    [
        BitcoinNetworks.Main, BitcoinNetworks.Test, BitcoinNetworks.Test4, BitcoinNetworks.Signet,
        BitcoinNetworks.Regtest,
    ]);

    private BitcoinCurrency()
    {
    }

    /// <summary>The only one.</summary>
    public static BitcoinCurrency Instance { get; } = new();

    /// <inheritdoc/>
    public CurrencyNames Names { get; } = new()
    {
        Currency = "Bitcoin",
        Client = "Bitcoin Core",
        Prefix = "bitcoin",
        Directory = ".bitcoin-multiprocess",
        ClientDirectory = ".bitcoin",
        Unit = "BTC",
        SmallestUnit = "sat",
        Colour = "#9a4a04",
        ColourOnDark = "#ffb36b",
        SignedMessage = "Bitcoin Signed Message:\n",
    };

    /// <inheritdoc/>
    public IReadOnlyList<NetworkParameters> Networks => s_networks.Value;

    /// <inheritdoc/>
    public bool HasWitnesses => true;

    /// <inheritdoc/>
    public byte[] HashHeader(ReadOnlySpan<byte> header)
        => Hashes.DoubleSHA256RawBytes(header.ToArray(), 0, header.Length);

    /// <inheritdoc/>
    public uint TargetAfter(NetworkParameters network, IBlockPlace previous, uint time)
        => PeriodicTarget.After(network, previous, time);

    /// <inheritdoc/>
    public BlockReward RewardAt(NetworkParameters network, int height, uint previousBits)
        => new(Subsidy(network, height));

    /// <inheritdoc/>
    public TransactionExtension ExtensionOf(Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return new TransactionExtension(transaction.Version) { MaxStandardVersion = 3 };
    }

    /// <summary>The subsidy at a height, in satoshis.</summary>
    public static long Subsidy(NetworkParameters network, int height)
    {
        ArgumentNullException.ThrowIfNull(network);
        int halvings = height / network.HalvingInterval;
        return halvings >= Halvings ? 0 : (50 * Money.COIN) >> halvings;
    }
}
