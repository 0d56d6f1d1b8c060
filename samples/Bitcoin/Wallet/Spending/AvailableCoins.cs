using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Which coins to find.</summary>
internal sealed record CoinWish
{
    internal long MinAmount { get; init; } = 1;

    internal long MaxAmount { get; init; } = 21_000_000L * Money.COIN;

    internal long? MinSum { get; init; }

    internal long MaxCount { get; init; }

    internal bool IncludesImmature { get; init; }

    internal bool SkipsLocked { get; init; } = true;

    internal bool ChecksVersion { get; init; } = true;
}

/// <summary>Finds the coins that a wallet can spend. Used under the wallet's gate.</summary>
internal sealed class AvailableCoins(IChain chain, KeyRing keys, AddressBook book, Ledger ledger, Funds funds)
{
    /// <summary>Whether the wallet makes signatures of the smaller size.</summary>
    internal bool Grinds { get; set; } = true;

    internal List<Candidate> Find(CoinControl control, FeeRate? rate, CoinWish wish)
    {
        List<Candidate> found = [];
        List<(Candidate Coin, uint256 Owner)> restricted = [];
        Dictionary<uint256, (bool IsGood, bool IsSafe)> judged = [];
        HashSet<uint256> trusted = [];
        bool allowsUsed = !funds.AvoidsReuse || !control.AvoidsReuse;
        long total = 0;
        foreach ((OutPoint id, WalletTransaction transaction) in ledger.Outputs)
        {
            if (!judged.TryGetValue(id.Hash, out (bool IsGood, bool IsSafe) judgement))
            {
                judged[id.Hash] = judgement = Judge(transaction, control, wish, trusted);
            }

            TxOut output = transaction.Transaction.Outputs[(int)id.N];
            long value = output.Value.Satoshi;
            bool isWanted = judgement.IsGood
                && value >= wish.MinAmount && value <= wish.MaxAmount
                && !control.IsChosen(id)
                && !(wish.SkipsLocked && ledger.IsLocked(id))
                && !ledger.IsSpent(id)
                && (allowsUsed || !book.WasSpentFrom(output.ScriptPubKey));
            if (!isWanted)
            {
                continue;
            }

            int depth = ledger.DepthOf(transaction);
            SolvingData? data = keys.Solve(output.ScriptPubKey);
            int size = InputSize.VirtualSize(output.ScriptPubKey, data, Grinds);
            Candidate coin = new(
                id,
                output,
                depth,
                size,
                judgement.IsSafe,
                transaction.Time,
                ledger.IsFromMe(transaction.Transaction),
                rate)
            {
                Type = TypeOf(output.ScriptPubKey, data),
            };
            if (transaction.Transaction.Version == CoinControl.RestrictedVersion && depth == 0 && wish.ChecksVersion)
            {
                restricted.Add((coin, transaction.Id));
                continue;
            }

            found.Add(coin);
            total += value;
            if ((wish.MinSum is { } enough && total >= enough) || (wish.MaxCount > 0 && found.Count >= wish.MaxCount))
            {
                return found;
            }
        }

        // A transaction of version 3 may spend outputs of only one unconfirmed parent.
        if (restricted.Count > 0)
        {
            uint256 best = restricted.GroupBy(static pair => pair.Owner).MaxBy(
                static group => group.Sum(static pair => pair.Coin.Value))!.Key;
            found.AddRange(restricted.Where(pair => pair.Owner == best).Select(static pair => pair.Coin));
        }

        AddBumpFees(found, rate);
        return found;
    }

    /// <summary>Notes for unconfirmed coins how much fee their ancestors lack.</summary>
    internal void AddBumpFees(IEnumerable<Candidate> coins, FeeRate? rate)
    {
        Candidate[] unconfirmed = rate is null ? [] : [.. coins.Where(static coin => coin.Depth == 0)];
        if (unconfirmed.Length == 0)
        {
            return;
        }

        Dictionary<OutPoint, Money> fees = chain.GetBumpFees(
            [.. unconfirmed.Select(static coin => coin.Id)], Money.Satoshis(rate!.Value.PerK));
        foreach (Candidate coin in unconfirmed)
        {
            coin.BumpFee = fees.TryGetValue(coin.Id, out Money? fee) ? fee.Satoshi : 0;
        }
    }

    private (bool IsGood, bool IsSafe) Judge(
        WalletTransaction transaction, CoinControl control, CoinWish wish, HashSet<uint256> trusted)
    {
        int depth = ledger.DepthOf(transaction);
        if ((ledger.IsImmature(transaction) && !wish.IncludesImmature)
            || depth < 0
            || (depth == 0 && !transaction.IsInMempool))
        {
            return (false, false);
        }

        bool isSafe = funds.IsTrusted(transaction, trusted)
            && (depth > 0 || (transaction.Replaces is null && transaction.ReplacedBy is null));
        if (depth == 0 && wish.ChecksVersion)
        {
            bool isRestricted = transaction.Transaction.Version == CoinControl.RestrictedVersion;
            if (isRestricted != (control.Version == CoinControl.RestrictedVersion)
                || (isRestricted && (transaction.RestrictedChild is not null || HasAncestors(transaction))))
            {
                return (false, false);
            }
        }

        bool isGood = (isSafe || control.IncludesUnsafe) && depth >= control.MinDepth && depth <= control.MaxDepth;
        return (isGood, isSafe);
    }

    private bool HasAncestors(WalletTransaction transaction)
    {
        chain.GetTransactionAncestry(transaction.Id, out long ancestors, out _, out _, out _);
        return ancestors > 1;
    }

    private static OutputType TypeOf(Script script, SolvingData? data) => ScriptKinds.Of(script) switch
    {
        ScriptKind.Taproot => OutputType.Bech32m,
        ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash => OutputType.Bech32,
        ScriptKind.PublicKeyHash => OutputType.Legacy,
        ScriptKind.ScriptHash
            => data?.Inner(script) is { } inner
                && ScriptKinds.Of(inner) is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash
                ? OutputType.P2shSegwit
                : OutputType.Legacy,
        _ => OutputType.Unknown,
    };
}
