using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Chain.Coins;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>
/// Runs the scripts of transactions with NBitcoin's engine, on several threads, and remembers valid ones.
/// </summary>
internal sealed class ScriptCheck(int threads)
{
    private const int MaxRemembered = 200_000;

    // A valid script is valid again under the same flags. The hash covers the witnesses too.
    private readonly ConcurrentDictionary<(uint256 WitnessHash, ScriptVerify Flags), byte> _good = new();

    /// <summary>A transaction whose scripts are to be checked.</summary>
    /// <param name="Transaction">The transaction.</param>
    /// <param name="Spent">The outputs that it spends, in the order of its inputs.</param>
    internal sealed record Job(Transaction Transaction, IReadOnlyList<UnspentCoin> Spent);

    /// <summary>Checks all jobs.</summary>
    /// <returns>The first failure, in the order of the inputs; null if there is none.</returns>
    internal Failure? Run(IReadOnlyList<Job> jobs, ScriptVerify flags, bool remembers)
    {
        List<(Job Job, int Input, Shared Shared)> inputs = [];
        List<uint256> fresh = [];
        foreach (Job job in jobs)
        {
            uint256 hash = job.Transaction.GetWitHash();
            if (_good.ContainsKey((hash, flags)))
            {
                continue;
            }

            fresh.Add(hash);
            Shared shared = new(job);
            for (int i = 0; i < job.Spent.Count; i++)
            {
                inputs.Add((job, i, shared));
            }
        }

        Failure? failure = inputs.Count < 4 || threads <= 1 ? InOrder(inputs, flags) : InParallel(inputs, flags);
        if (failure is null && remembers)
        {
            if (_good.Count > MaxRemembered)
            {
                _good.Clear();
            }

            fresh.ForEach(hash => _good[(hash, flags)] = 0);
        }

        return failure;
    }

    /// <summary>Checks one input.</summary>
    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "What NBitcoin's engine throws on odd scripts means that they are not good.")]
    internal static ScriptError Verify(
        Transaction transaction, int input, TxOut spent, PrecomputedTransactionData data, ScriptVerify flags)
    {
        try
        {
            ScriptEvaluationContext context = new() { ScriptVerify = flags };
            TxIn from = transaction.Inputs[input];
            if ((flags & ScriptVerify.Witness) != 0
                && ScriptKinds.Of(spent.ScriptPubKey) == ScriptKind.Anchor
                && from.ScriptSig.Length == 0)
            {
                // Anybody may spend this output. NBitcoin considers it a version without a meaning yet.
                return ScriptError.OK;
            }

            TransactionChecker checker = new(transaction, input, spent, data);
            if (context.VerifyScript(from.ScriptSig, from.WitScript, spent.ScriptPubKey, checker))
            {
                return ConstantCode.Check(from.ScriptSig, spent.ScriptPubKey, flags);
            }

            ScriptError failure = context.Error == ScriptError.EvalFalse
                && WitnessStack.IsUnclean(context, from, spent, checker)
                ? ScriptError.CleanStack
                : ScriptErrors.Refine(context.Error, ScriptKinds.Of(spent.ScriptPubKey) == ScriptKind.Taproot);
            return ConstantCode.First(
                failure,
                context.Error,
                from.ScriptSig,
                spent.ScriptPubKey,
                flags,
                (signature, output) =>
                {
                    ScriptEvaluationContext part = new() { ScriptVerify = flags };
                    return part.VerifyScript(signature, WitScript.Empty, output, checker) ? ScriptError.OK : part.Error;
                });
        }
        catch (Exception)
        {
            return ScriptError.UnknownError;
        }
    }

    private static Failure? InOrder(List<(Job Job, int Input, Shared Shared)> inputs, ScriptVerify flags)
    {
        foreach ((Job job, int input, Shared shared) in inputs)
        {
            ScriptError error = Verify(job.Transaction, input, shared.Outputs[input], shared.Data, flags);
            if (error != ScriptError.OK)
            {
                return new Failure(job.Transaction, input, error);
            }
        }

        return null;
    }

    private Failure? InParallel(List<(Job Job, int Input, Shared Shared)> inputs, ScriptVerify flags)
    {
        Lock gate = new();
        long firstIndex = long.MaxValue;
        Failure? first = null;
        Parallel.For(0, inputs.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, (i, loop) =>
        {
            (Job job, int input, Shared shared) = inputs[i];
            ScriptError error = Verify(job.Transaction, input, shared.Outputs[input], shared.Data, flags);
            if (error != ScriptError.OK)
            {
                lock (gate)
                {
                    if (i < firstIndex)
                    {
                        (firstIndex, first) = (i, new Failure(job.Transaction, input, error));
                    }
                }

                loop.Break();
            }
        });
        return first;
    }

    /// <summary>A script that failed.</summary>
    internal sealed record Failure(Transaction Transaction, int Input, ScriptError Error)
    {
        internal string Reason(string prefix) => $"{prefix} ({ScriptErrors.Describe(Error)})";

        internal string Details
        {
            get
            {
                OutPoint from = Transaction.Inputs[Input].PrevOut;
                return
                    $"input {Input} of {Transaction.GetHash()} (wtxid {Transaction.GetWitHash()}), spending {from.Hash}:{from.N}";
            }
        }
    }

    /// <summary>Data that the inputs of one transaction share.</summary>
    private sealed class Shared
    {
        private readonly Lazy<PrecomputedTransactionData> _data;

        internal Shared(Job job)
        {
            Outputs = [.. job.Spent.Select(static coin => coin.ToOutput())];
            _data = new Lazy<PrecomputedTransactionData>(() => job.Transaction.PrecomputeTransactionData(Outputs));
        }

        internal TxOut[] Outputs { get; }

        internal PrecomputedTransactionData Data => _data.Value;
    }
}
