using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Computes how large transactions of a wallet will be when they are signed. Used under its gate.</summary>
internal sealed class TransactionSizes(KeyRing keys, Ledger ledger, AvailableCoins available)
{
    /// <summary>The virtual size of an input that spends a coin; -1 if unknown.</summary>
    internal int OfInput(TxOut output, CoinControl control, OutPoint id)
    {
        bool isExternal = control.Inputs.TryGetValue(id, out ChosenInput? chosen) && chosen.Output is not null;
        return InputSize.VirtualSize(
            output.ScriptPubKey, SolvingFor(output.ScriptPubKey, control), available.Grinds && !isExternal);
    }

    private SolvingData SolvingFor(Script script, CoinControl? control)
    {
        SolvingData data = new();
        if (keys.Solve(script) is { } own)
        {
            data.Merge(own);
        }

        if (control is not null)
        {
            data.Merge(control.Solving);
        }

        return data;
    }

    /// <summary>How large a transaction will be when it is signed; null if unknown.</summary>
    internal (long Size, long Weight)? Of(Transaction transaction, CoinControl? control)
    {
        List<(TxOut Output, bool IsExternal)> spent = [];
        foreach (TxIn input in transaction.Inputs)
        {
            TxOut? external = control?.Inputs.GetValueOrDefault(input.PrevOut)?.Output;
            if ((ledger.OutputOf(input.PrevOut) ?? external) is not { } output)
            {
                return null;
            }

            spent.Add((output, external is not null));
        }

        bool isWitness = spent.Exists(
            one => InputSize.IsWitness(one.Output.ScriptPubKey, SolvingFor(one.Output.ScriptPubKey, control)));
        long weight = (4 + 4 + Weights.SizeOfCount(transaction.Inputs.Count) + Weights.SizeOfCount(
            transaction.Outputs.Count)) * Weights.Scale;
        weight += isWitness ? 2 : 0;
        weight += transaction.Outputs.Sum(static output => (long)Weights.SizeOf(output)) * Weights.Scale;
        for (int i = 0; i < spent.Count; i++)
        {
            (TxOut output, bool isExternal) = spent[i];
            long? input = control?.WeightOf(transaction.Inputs[i].PrevOut)
                ?? InputSize.Weight(
                    output.ScriptPubKey,
                    SolvingFor(output.ScriptPubKey, control),
                    isWitness,
                    available.Grinds && !isExternal);
            if (input is null)
            {
                return null;
            }

            weight += input.Value;
        }

        return (Weights.VirtualSize(weight), weight);
    }
}
