using Bitcoin.Primitives;
using NBitcoin;

namespace Dash.Tests;

public class TransactionTests
{
    /// <summary>The registration of a masternode, from the test network: signed with its payload.</summary>
    private const string Registration =
        "0300010001ca9a43051750da7c5f858008f2ff7732d15691e48eb7f845c791e5dca78bab58010000006b483045022100fe8fec0b3880bcac2961"
        + "4348887769b0b589908e3f5ec55a6cf478a6652e736502202f30430806a6690524e4dd599ba498e5ff100dea6a872ebb89c2fd651caa71ed012103d85b25d6886f0b3b8ce1eef63b720b518fad0b8e103eba4e85b6980bfdda2dfdffffffff018e37807e090000001976a9144ee1d4e5d61ac40a13b357ac6e368997079678c888ac00000000"
        + "fd1201"
        + Payload;

    private const string Payload =
        "010000000000ca9a43051750da7c5f858008f2ff7732d15691e48eb7f845c791e5dca78bab580000000000000000000000000000ffff010205064e1f3dd03f9ec192b5f275a433bfc90f468ee1a3eb4c157b10706659e25eb362b5d902d809f9160b1688e201ee6e94b40f9b5062d7074683ef05a2d5efb7793c47059c878dfad38a30fafe61575db40f05ab0a08d55119b0aad300001976a9144fbc8fb6e11e253d77e5a9c987418e89cf4a63d288ac3477990b757387cb0406168c2720acf55f83603736a314a37d01b135b873a27b411fb37e49c1ff2b8057713939a5513e6e711a71cff2e517e6224df724ed750aef1b7f9ad9ec612b4a7250232e1e400da718a9501e1d9a5565526e4b1ff68c028763";

    private static Network Network => DashNetworks.Test.Network;

    [Test]
    public void A_special_transaction_has_its_type_and_payload_and_comes_back_byte_for_byte()
    {
        Transaction transaction = Transaction.Parse(Registration, Network);

        TransactionExtension extension = DashCurrency.Instance.ExtensionOf(transaction);
        Assert.That(extension.Version, Is.EqualTo(3));
        Assert.That(extension.Fault, Is.Null);
        Assert.That(
            extension.Fields.Select(static field => $"{field.Key}={field.Value}"),
            Is.EqualTo(new[] { "type=1", "extraPayloadSize=274", $"extraPayload={Payload}" }));
        Assert.That(transaction.ToHex(), Is.EqualTo(Registration));
        Assert.That(transaction.Clone().ToHex(), Is.EqualTo(Registration));
        Assert.That(
            transaction.GetSerializedSize(TransactionOptions.All), Is.EqualTo(Registration.Length / 2));
    }

    [Test]
    public void Its_signature_signs_the_payload()
    {
        Transaction transaction = Transaction.Parse(Registration, Network);
        PubKey key = new("03d85b25d6886f0b3b8ce1eef63b720b518fad0b8e103eba4e85b6980bfdda2dfd");
        TransactionSignature signature = new(transaction.Inputs[0].ScriptSig.ToOps().First().PushData);

        Assert.That(IsSigned(transaction), Is.True);
        ((DashTransaction)transaction).Payload[^1] ^= 1;
        Assert.That(IsSigned(transaction), Is.False);

        bool IsSigned(Transaction signed) => key.Verify(
            signed.GetSignatureHash(
                key.Hash.ScriptPubKey,
                0,
                signature.SigHash,
                new TxOut(Money.Zero, Script.Empty),
                HashVersion.Original,
                null),
            signature.Signature);
    }

    [TestCase(SigHash.All)]
    [TestCase(SigHash.None)]
    [TestCase(SigHash.Single)]
    [TestCase(SigHash.All | SigHash.AnyoneCanPay)]
    [TestCase(SigHash.None | SigHash.AnyoneCanPay)]
    [TestCase(SigHash.Single | SigHash.AnyoneCanPay)]
    public void A_special_transactions_signature_covers_what_its_kind_says(SigHash kind)
    {
        DashTransaction special = Make(3 | (6 << 16));
        DashTransaction usual = Make(3);

        uint256 covered = Hash(special, kind);

        Assert.That(covered, Is.Not.EqualTo(Hash(usual, kind)));
        special.Inputs[0].ScriptSig = new Script(OpcodeType.OP_1);
        Assert.That(Hash(special, kind), Is.EqualTo(covered), "no signature covers signatures");
        special.Outputs[0].Value = Money.Satoshis(7);
        bool coversOutputs = (kind & (SigHash)0x1f) != SigHash.None;
        Assert.That(Hash(special, kind) == covered, Is.EqualTo(!coversOutputs));
        special.Outputs[0].Value = Money.Satoshis(5);
        special.Inputs[1].PrevOut = new OutPoint(uint256.One, 9);
        Assert.That(Hash(special, kind) == covered, Is.EqualTo((kind & SigHash.AnyoneCanPay) != 0));
    }

    [Test]
    public void Without_inputs_a_quorums_commitment_is_read_and_any_other_is_refused()
    {
        DashTransaction commitment = (DashTransaction)DashNetworks.Regtest.Network.CreateTransaction();
        commitment.Version = 3 | (6 << 16);
        commitment.Payload = [1, 2, 3];

        byte[] bytes = commitment.ToBytes();
        Transaction read = Transaction.Parse(Convert.ToHexStringLower(bytes), Network);

        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("03000600" + "00" + "00" + "00000000" + "03010203"));
        Assert.That(read.GetHash(), Is.EqualTo(commitment.GetHash()));
        Assert.That(((DashTransaction)read).Payload, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Bitcoin.Chain.Rules.TransactionRules.Check(read), Is.Null);
        read.Version = 3 | (1 << 16);
        Assert.That(Bitcoin.Chain.Rules.TransactionRules.Check(read)!.Reason, Is.EqualTo("bad-txns-vin-empty"));
    }

    [Test]
    public void A_payload_has_at_most_10000_bytes()
    {
        DashTransaction transaction = Make(3 | (1 << 16));

        transaction.Payload = new byte[10_000];
        Assert.That(DashCurrency.Instance.ExtensionOf(transaction).Fault, Is.Null);
        transaction.Payload = new byte[10_001];
        Assert.That(
            DashCurrency.Instance.ExtensionOf(transaction).Fault, Is.EqualTo("bad-txns-payload-oversize"));
    }

    private static uint256 Hash(Transaction transaction, SigHash kind)
        => transaction.GetSignatureHash(
            new Script(OpcodeType.OP_CODESEPARATOR, OpcodeType.OP_1), 0, kind, new TxOut(), HashVersion.Original, null);

    private static DashTransaction Make(uint version)
    {
        DashTransaction transaction = (DashTransaction)DashNetworks.Regtest.Network.CreateTransaction();
        transaction.Version = version;
        transaction.Inputs.Add(new OutPoint(uint256.One, 0), Script.Empty, null, new Sequence(1));
        transaction.Inputs.Add(new OutPoint(uint256.One, 1), Script.Empty, null, new Sequence(2));
        transaction.Outputs.Add(Money.Satoshis(5), new Script(OpcodeType.OP_1));
        return transaction;
    }
}
