using Bitcoin.Descriptors;
using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>A coin that may be spent.</summary>
internal sealed class Candidate
{
    private readonly FeeRate? _rate;

    internal Candidate(
        OutPoint id, TxOut output, int depth, int inputBytes, bool isSafe, long time, bool isFromMe, FeeRate? rate)
    {
        Id = id;
        Output = output;
        Depth = depth;
        InputBytes = inputBytes;
        IsSafe = isSafe;
        Time = time;
        IsFromMe = isFromMe;
        _rate = rate;
    }

    internal OutPoint Id { get; }

    internal TxOut Output { get; }

    internal long Value => Output.Value.Satoshi;

    internal int Depth { get; }

    /// <summary>The virtual size of an input that spends the coin; -1 if unknown.</summary>
    internal int InputBytes { get; }

    internal bool IsSolvable => InputBytes > -1;

    internal bool IsSafe { get; }

    internal long Time { get; }

    internal bool IsFromMe { get; }

    /// <summary>How much fee the unconfirmed ancestors lack, in satoshis.</summary>
    internal long BumpFee { get; set; }

    internal long Fee => (InputBytes < 0 ? 0 : _rate?.For(InputBytes) ?? 0) + BumpFee;

    internal long EffectiveValue => Value - Fee;

    internal long LongTermFee { get; set; }

    internal OutputType Type { get; init; } = OutputType.Unknown;
}

/// <summary>Coins that are spent together or not at all.</summary>
internal sealed class CoinGroup(FeeRate longTermRate, bool subtractsFee)
{
    internal List<Candidate> Coins { get; } = [];

    internal long Value { get; private set; }

    internal long EffectiveValue { get; private set; }

    internal long Fee { get; private set; }

    internal long LongTermFee { get; private set; }

    internal long Weight { get; private set; }

    internal bool IsFromMe { get; private set; } = true;

    internal int Depth { get; private set; } = 999;

    internal long Ancestors { get; private set; }

    internal long Cluster { get; private set; }

    internal bool SubtractsFee => subtractsFee;

    /// <summary>Whether it is the last group of several groups of one script.</summary>
    internal bool IsPartial { get; set; }

    /// <summary>The amount that counts in a selection.</summary>
    internal long Amount => subtractsFee ? Value : EffectiveValue;

    internal void Add(Candidate coin, long ancestors, long cluster)
    {
        Coins.Add(coin);
        Fee += coin.Fee;
        coin.LongTermFee = coin.InputBytes < 0 ? 0 : longTermRate.For(coin.InputBytes);
        LongTermFee += coin.LongTermFee;
        EffectiveValue += coin.EffectiveValue;
        IsFromMe &= coin.IsFromMe;
        Value += coin.Value;
        Depth = Math.Min(Depth, coin.Depth);
        Ancestors += ancestors;
        Cluster = Math.Max(Cluster, cluster);
        Weight += coin.InputBytes > 0 ? (long)coin.InputBytes * Weights.Scale : 0;
    }

    internal bool Passes(CoinFilter filter)
        => Depth >= (IsFromMe ? filter.OwnDepth : filter.OtherDepth)
            && Ancestors <= filter.MaxAncestors
            && Cluster <= filter.MaxCluster;
}

/// <summary>Decides which groups of coins a selection may take.</summary>
internal sealed record CoinFilter(
    int OwnDepth,
    int OtherDepth,
    long MaxAncestors,
    long MaxCluster,
    bool IncludesPartial = false,
    bool MixesTypes = true);
