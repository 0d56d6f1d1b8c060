using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Node.Commands;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class SignatureMergeTests
{
    [Test]
    public void Signatures_of_a_script_that_is_too_long_for_a_stack_are_merged_in_the_order_of_the_keys()
    {
        Key[] keys = [.. Enumerable.Range(0, 20).Select(static _ => new Key())];
        Script code = new(
            [
                Op.GetPushOp(2),
                .. keys.Select(static key => Op.GetPushOp(key.PubKey.ToBytes())),
                Op.GetPushOp(keys.Length),
                OpcodeType.OP_CHECKMULTISIG,
            ]);
        TxOut output = new(Money.Coins(1), code.WitHash.ScriptPubKey.Hash.ScriptPubKey);
        OutPoint id = new(uint256.One, 0);
        Transaction late = Signed(keys[15]);
        Transaction early = Signed(keys[3]);
        Assert.That(Verify(late), Is.Not.EqualTo(ScriptError.OK), "one signature is missing");

        Transaction merged = SignatureMerge.Of(
            [late, early],
            wanted => wanted == id ? new UnspentCoin(output.Value.Satoshi, output.ScriptPubKey, 1, false) : null);

        Assert.That(Verify(merged), Is.EqualTo(ScriptError.OK));

        ScriptError Verify(Transaction transaction) => ScriptCheck.Verify(
            transaction, 0, output, transaction.PrecomputeTransactionData([output]), ScriptFlags.Standard);

        Transaction Signed(Key key)
        {
            Transaction transaction = Forge.Transaction([new TxIn(id)], [Forge.Output(1)]);
            uint256 hash = transaction.GetSignatureHash(code, 0, SigHash.All, output, HashVersion.WitnessV0, null);
            byte[] signature = new TransactionSignature(key.Sign(hash), SigHash.All).ToBytes();
            transaction.Inputs[0].ScriptSig = new Script(Op.GetPushOp(code.WitHash.ScriptPubKey.ToBytes()));
            transaction.Inputs[0].WitScript = new WitScript([[], signature, [], code.ToBytes()]);
            return transaction;
        }
    }
}
