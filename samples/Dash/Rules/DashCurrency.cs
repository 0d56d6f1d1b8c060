using Bitcoin.Primitives;
using Dash.Hashes;
using NBitcoin;

namespace Dash;

/// <summary>Dash.</summary>
public sealed class DashCurrency : ICurrency
{
    private const int MaxPayload = 10_000;

    private static readonly Lazy<IReadOnlyList<NetworkParameters>> s_networks = new(
        static () => [DashNetworks.Main, DashNetworks.Test, DashNetworks.Regtest]);

    private DashCurrency()
    {
    }

    /// <summary>The only one.</summary>
    public static DashCurrency Instance { get; } = new();

    /// <inheritdoc/>
    public CurrencyNames Names { get; } = new()
    {
        Currency = "Dash",
        Client = "Dash Core",
        Prefix = "dash",
        Directory = ".dashcore-multiprocess",
        ClientDirectory = ".dashcore",
        Unit = "DASH",
        SmallestUnit = "duff",
        Colour = "#0b5fa5",
        ColourOnDark = "#7cc4ff",
        SignedMessage = "DarkCoin Signed Message:\n",
    };

    /// <inheritdoc/>
    public IReadOnlyList<NetworkParameters> Networks => s_networks.Value;

    /// <inheritdoc/>
    public bool HasWitnesses => false;

    /// <inheritdoc/>
    public byte[] HashHeader(ReadOnlySpan<byte> header) => X11.Hash(header);

    /// <inheritdoc/>
    public uint TargetAfter(NetworkParameters network, IBlockPlace previous, uint time)
        => DashTarget.After(network, DashHeights.Of(network), previous, time);

    /// <inheritdoc/>
    public BlockReward RewardAt(NetworkParameters network, int height, uint previousBits)
        => DashReward.At(network, DashHeights.Of(network), height, previousBits);

    /// <inheritdoc/>
    public TransactionExtension ExtensionOf(Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ushort version = (ushort)transaction.Version;
        int type = (int)(transaction.Version >> 16);
        byte[] payload = (transaction as DashTransaction)?.Payload ?? [];
        bool isSpecial = DashTransaction.IsSpecial(transaction.Version);
        return new TransactionExtension(version)
        {
            MaxStandardVersion = 3,
            Fault = payload.Length > MaxPayload ? "bad-txns-payload-oversize" : null,
            MayLackInputs = isSpecial
                && (DashTransactionType)type is DashTransactionType.QuorumCommitment
                    or DashTransactionType.HardForkSignal
                    or DashTransactionType.AssetUnlock,
            MayLackOutputs = isSpecial
                && (DashTransactionType)type is DashTransactionType.QuorumCommitment
                    or DashTransactionType.HardForkSignal,
            LeastCoinbaseScript = isSpecial && type == (int)DashTransactionType.Coinbase ? 1 : 2,
            Fields = isSpecial
                ?
                [
                    new("type", (long)type), new("extraPayloadSize", (long)payload.Length),
                    new("extraPayload", Convert.ToHexStringLower(payload)),
                ]
                : [new("type", (long)type)],
        };
    }
}
