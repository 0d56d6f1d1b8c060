using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>The signature of a signet block (BIP325). It is in the witness commitment of the coinbase.</summary>
internal static class SignetRules
{
    private static ReadOnlySpan<byte> Header => [0xec, 0xc7, 0xda, 0xa2];

    internal static Refusal? Check(Block block, NetworkParameters network)
    {
        return network.SignetChallenge is not { } challenge
            || block.GetHash() == network.GenesisHash
            || IsSigned(block, challenge)
            ? null
            : new Refusal("bad-signet-blksig", "signet block signature validation failure");
    }

    private static bool IsSigned(Block block, Script challenge)
    {
        Transaction coinbase = block.Transactions[0];
        int at = Witnesses.CommitmentIndex(coinbase);
        if (at < 0 || !TryTakeSolution(coinbase.Outputs[at].ScriptPubKey, out Script rest, out byte[]? solution))
        {
            return false;
        }

        Script signature = Script.Empty;
        WitScript witness = WitScript.Empty;
        if (solution is not null)
        {
            try
            {
                BitcoinStream stream = new(solution);
                signature = stream.ReadWrite(signature);
                witness = WitScript.Load(stream);
                if (stream.Inner.Position != stream.Inner.Length)
                {
                    return false;
                }
            }
            catch (Exception exception) when (exception is FormatException or IOException or ArgumentException)
            {
                return false;
            }
        }

        // The block is signed like a transaction that spends the challenge. Its merkle root is computed with a coinbase
        // without the solution.
        Transaction unsigned = coinbase.Clone();
        unsigned.Outputs[at].ScriptPubKey = rest;
        uint256 root = Merkle.Root(
            [unsigned.GetHash(), .. block.Transactions.Skip(1).Select(static transaction => transaction.GetHash())],
            out _);
        byte[] header = block.Header.ToBytes();
        byte[] data = [.. header[..36], .. root.ToBytes(), .. header[68..72]];
        Transaction spent = Currency.Main.Network.CreateTransaction();
        spent.Version = 0;
        spent.Inputs.Add(
            new OutPoint(uint256.Zero, uint.MaxValue),
            new Script(new Op[] { OpcodeType.OP_0, Op.GetPushOp(data) }),
            null,
            new Sequence(0));
        spent.Outputs.Add(Money.Zero, challenge);
        Transaction spending = Currency.Main.Network.CreateTransaction();
        spending.Version = 0;
        spending.Inputs.Add(new OutPoint(spent.GetHash(), 0), signature, witness, new Sequence(0));
        spending.Outputs.Add(Money.Zero, new Script(OpcodeType.OP_RETURN));
        TxOut output = spent.Outputs[0];
        return ScriptCheck.Verify(
            spending,
            0,
            output,
            spending.PrecomputeTransactionData([output]),
            ScriptVerify.P2SH | ScriptVerify.Witness | ScriptVerify.DerSig | ScriptVerify.NullDummy) == ScriptError.OK;
    }

    /// <summary>Removes the push that starts with the signet header from the commitment.</summary>
    private static bool TryTakeSolution(Script commitment, out Script rest, out byte[]? solution)
    {
        solution = null;
        List<byte> kept = [];
        ReadOnlySpan<byte> script = commitment.ToBytes();
        rest = commitment;
        while (!script.IsEmpty)
        {
            ReadOnlySpan<byte> before = script;
            if (!SignatureOperations.TryStep(ref script, out _, out ReadOnlySpan<byte> data))
            {
                return false;
            }

            if (solution is null && data.Length > Header.Length && data.StartsWith(Header))
            {
                solution = data[Header.Length..].ToArray();
                kept.AddRange(Op.GetPushOp(Header.ToArray()).ToBytes());
            }
            else
            {
                kept.AddRange(before[..(before.Length - script.Length)].ToArray());
            }
        }

        rest = Script.FromBytesUnsafe([.. kept]);
        return true;
    }
}
