using Bitcoin.Chain.Coins;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>Checks a block against the unspent outputs, and updates them.</summary>
internal sealed class BlockConnection(NetworkParameters network, ScriptCheck scripts)
{
    /// <summary>Applies a block to a layer of coins.</summary>
    /// <param name="block">The block.</param>
    /// <param name="place">Its place; the coins are those of its parent.</param>
    /// <param name="coins">The coins to change.</param>
    /// <param name="checksScripts">Whether to run scripts.</param>
    /// <param name="spent">The outputs that each transaction except the coinbase spent.</param>
    internal Refusal? Connect(
        Block block, ChainBlock place, CoinLayer coins, bool checksScripts, out List<UnspentCoin[]> spent)
    {
        spent = [];
        if (place.Previous is not { } parent)
        {
            // The output of the genesis block is never in the set of coins.
            return null;
        }

        int height = place.Height;
        if (MustBeUnique(place) && FindsUnspentTwin(block, coins))
        {
            return new Refusal("bad-txns-BIP30", "tried to overwrite transaction");
        }

        long fees = 0;
        long operations = 0;
        List<ScriptCheck.Job> jobs = [];
        foreach (Transaction transaction in block.Transactions)
        {
            UnspentCoin[] inputs = [];
            if (!transaction.IsCoinBase)
            {
                if (TrySpend(transaction, coins) is not { } found)
                {
                    return new Refusal(
                        "bad-txns-inputs-missingorspent",
                        $"CheckTxInputs: inputs missing/spent in transaction {transaction.GetHash()}");
                }

                inputs = found;
                if (TransactionRules.CheckSpending(transaction, inputs, height, out long fee) is { } refusal)
                {
                    return refusal with
                    {
                        Kind = RefusalKind.Consensus,
                        Details = $"{refusal.Details} in transaction {transaction.GetHash()}"
                    };
                }

                fees += fee;
                if (fees > TransactionRules.MaxMoney)
                {
                    return new Refusal(
                        "bad-txns-accumulated-fee-outofrange", "accumulated fee in the block out of range");
                }

                if (height >= network.CsvHeight && !LockTimes.Of(transaction, inputs, parent).HavePassed(parent))
                {
                    return new Refusal(
                        "bad-txns-nonfinal", $"contains a non-BIP68-final transaction {transaction.GetHash()}");
                }

                spent.Add(inputs);
                jobs.Add(new ScriptCheck.Job(transaction, inputs));
            }

            operations += SignatureOperations.Cost(transaction, inputs);
            if (operations > network.MaxBlockSignatureCost(height))
            {
                return new Refusal("bad-blk-sigops", "too many sigops");
            }

            coins.AddOutputs(transaction, transaction.GetHash(), height, transaction.IsCoinBase);
        }

        long claimed = block.Transactions[0].Outputs.Sum(static output => output.Value.Satoshi);
        long allowed = ProofOfWork.Reward(network, parent).Most + fees;
        if (claimed > allowed)
        {
            return new Refusal("bad-cb-amount", $"coinbase pays too much (actual={claimed} vs limit={allowed})");
        }

        return checksScripts
            && scripts.Run(jobs, ScriptFlags.Of(place.Hash, height, network), remembers: false) is { } failure
            ? new Refusal(failure.Reason("block-script-verify-flag-failed"), failure.Details)
            : null;
    }

    /// <summary>Reverts the effects of a block.</summary>
    internal static void Disconnect(Block block, CoinLayer coins, List<UnspentCoin[]> spent)
    {
        if (spent.Count != block.Transactions.Count - 1)
        {
            throw new InvalidDataException(
                $"Undo data of {block.GetHash()}: {spent.Count} transactions. Expected "
                    + $"{block.Transactions.Count - 1}.");
        }

        for (int i = block.Transactions.Count - 1; i >= 0; i--)
        {
            Transaction transaction = block.Transactions[i];
            uint256 txid = transaction.GetHash();
            for (int n = 0; n < transaction.Outputs.Count; n++)
            {
                if (!CoinLayer.IsUnspendable(transaction.Outputs[n].ScriptPubKey))
                {
                    coins.Spend(new OutPoint(txid, n));
                }
            }

            for (int n = 0; i > 0 && n < transaction.Inputs.Count; n++)
            {
                coins.Add(transaction.Inputs[n].PrevOut, spent[i - 1][n]);
            }
        }
    }

    private static UnspentCoin[]? TrySpend(Transaction transaction, CoinLayer coins)
    {
        UnspentCoin[] found = new UnspentCoin[transaction.Inputs.Count];
        for (int i = 0; i < found.Length; i++)
        {
            if (coins.Find(transaction.Inputs[i].PrevOut) is not { } coin)
            {
                return null;
            }

            found[i] = coin;
        }

        foreach (TxIn input in transaction.Inputs)
        {
            coins.Spend(input.PrevOut);
        }

        return found;
    }

    /// <summary>
    /// A coinbase that starts with its height cannot repeat an earlier one, up to the height where an old coinbase
    /// happens to start with such a number.
    /// </summary>
    private bool MustBeUnique(ChainBlock place)
    {
        bool isRepeat = network.RepeatedHeights.Contains(place.Height);
        bool isSafe = !network.IsPrivate
            && place.Height > network.Bip34Height
            && place.Height < network.FirstRepeatableHeight;
        return !isRepeat && !isSafe;
    }

    private static bool FindsUnspentTwin(Block block, CoinLayer coins)
    {
        return block.Transactions.Any(transaction =>
        {
            uint256 txid = transaction.GetHash();
            return Enumerable.Range(0, transaction.Outputs.Count).Any(
                n => coins.Find(new OutPoint(txid, n)) is not null);
        });
    }
}
