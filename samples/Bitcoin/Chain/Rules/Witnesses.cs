using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>The commitment of a block to its witnesses.</summary>
internal static class Witnesses
{
    private const int LeastLength = 38;

    private static ReadOnlySpan<byte> Marker => [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

    /// <summary>
    /// The index of the commitment among a coinbase's outputs: the last that looks like one; -1 for none.
    /// </summary>
    internal static int CommitmentIndex(Transaction coinbase)
    {
        for (int i = coinbase.Outputs.Count - 1; i >= 0; i--)
        {
            byte[] script = coinbase.Outputs[i].ScriptPubKey.ToBytes(@unsafe: true);
            if (script.Length >= LeastLength && script.AsSpan().StartsWith(Marker))
            {
                return i;
            }
        }

        return -1;
    }

    internal static Script CommitmentScript(uint256 commitment)
        => Script.FromBytesUnsafe([.. Marker, .. commitment.ToBytes()]);

    /// <summary>The merkle root of the witness hashes; the coinbase's hash counts as zero.</summary>
    internal static uint256 Root(Block block)
        => Merkle.Root(
            [uint256.Zero, .. block.Transactions.Skip(1).Select(static transaction => transaction.GetWitHash())],
            out _);

    internal static Refusal? Check(Block block, bool isExpected)
    {
        if (isExpected && CommitmentIndex(block.Transactions[0]) is var index and >= 0)
        {
            WitScript witness = block.Transactions[0].Inputs[0].WitScript;
            if (witness.PushCount != 1 || witness.GetUnsafePush(0).Length != 32)
            {
                return new Refusal(
                    "bad-witness-nonce-size",
                    "CheckWitnessMalleation : invalid witness reserved value size",
                    RefusalKind.Mutated);
            }

            uint256 computed = Merkle.Combine(Root(block), new uint256(witness.GetUnsafePush(0)));
            ReadOnlySpan<byte> stated = block.Transactions[0].Outputs[index].ScriptPubKey.ToBytes(@unsafe: true).AsSpan(
                Marker.Length, 32);
            return stated.SequenceEqual(computed.ToBytes())
                ? null
                : new Refusal(
                    "bad-witness-merkle-match",
                    "CheckWitnessMalleation : witness merkle commitment mismatch",
                    RefusalKind.Mutated);
        }

        return block.Transactions.Any(static transaction => transaction.HasWitness)
            ? new Refusal(
                "unexpected-witness", "CheckWitnessMalleation : unexpected witness data found", RefusalKind.Mutated)
            : null;
    }
}
