using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class PsbtTextTests
{
    private static readonly Network s_network = BitcoinNetworks.Regtest.Network;

    [Test]
    public void One_without_inputs_is_read_and_written()
    {
        // Version 2, no inputs, one coin to a script of OP_1, lock time 7.
        byte[] unsigned = Convert.FromHexString("02000000" + "00" + "01" + "00e1f50500000000" + "0151" + "07000000");
        byte[] psbt =
            [
                .. "psbt"u8, 0xff, 1, 0, (byte)unsigned.Length, .. unsigned, 1, 0xf0, 1, 9, 0,
                1, 0, 1, (byte)OpcodeType.OP_2, 0,
            ];

        PSBT read = PsbtText.Parse(Convert.ToBase64String(psbt), s_network);

        Assert.That(read.Inputs, Is.Empty);
        Assert.That((read.Outputs[0].Value, read.Outputs[0].ScriptPubKey), Is.EqualTo((
            Money.Coins(1), new Script(OpcodeType.OP_1))));
        Assert.That(read.Outputs[0].RedeemScript, Is.EqualTo(new Script(OpcodeType.OP_2)));
        Assert.That(read.Unknown[[0xf0]], Is.EqualTo(new byte[] { 9 }));
        Assert.That(
            PsbtText.Parse(PsbtText.Format(read), s_network).Outputs[0].Value, Is.EqualTo(Money.Coins(1)), "written");
    }

    [Test]
    public void Signatures_stand_in_the_order_of_the_hashes_of_their_keys()
    {
        Transaction transaction = s_network.CreateTransaction();
        transaction.Inputs.Add(new OutPoint(uint256.One, 0));
        PSBT psbt = PSBT.FromTransaction(transaction, s_network, PSBTVersion.PSBTv0);
        Key[] keys = [.. Enumerable.Range(1, 8).Select(static number => new Key([.. new byte[31], (byte)number]))];
        foreach (Key key in keys)
        {
            psbt.Inputs[0].PartialSigs[key.PubKey] = new TransactionSignature(key.Sign(uint256.One), SigHash.All);
        }

        byte[] bytes = Convert.FromBase64String(PsbtText.Format(psbt));

        int[] places = [.. keys.OrderBy(static key => key.PubKey.Hash.ToBytes(), Comparer<byte[]>.Create(
            static (one, other) => one.AsSpan().SequenceCompareTo(other)))
            .Select(key => bytes.AsSpan().IndexOf(key.PubKey.ToBytes()))];
        Assert.That(places, Is.Ordered.And.All.GreaterThan(0));
        Assert.That(
            PsbtText.Parse(Convert.ToBase64String(bytes), s_network).Inputs[0].PartialSigs, Has.Count.EqualTo(8));
    }

    [Test]
    public void Two_of_version_2_are_of_one_transaction_whatever_sequence_they_state()
    {
        string[] both = [Of(7), Of(9)];

        foreach (string[] order in (string[][])[both, [both[1], both[0]]])
        {
            PSBT[] same = [.. PsbtText.WithEqualSequences(order).Select(text => PsbtText.Parse(text, s_network))];

            Assert.That(PsbtText.Format(same[0].Combine(same[1])), Is.EqualTo(order[0]), "the first one counts");
        }

        static string Of(uint sequence)
        {
            Transaction transaction = s_network.CreateTransaction();
            transaction.Inputs.Add(new OutPoint(uint256.One, 0)).Sequence = new Sequence(sequence);
            transaction.Outputs.Add(Money.Coins(1), new Script(OpcodeType.OP_1));
            return PsbtText.Format(PSBT.FromTransaction(transaction, s_network, PSBTVersion.PSBTv2));
        }
    }

    [Test]
    public void A_version_0_that_is_stated_is_read()
    {
        Transaction transaction = s_network.CreateTransaction();
        transaction.Inputs.Add(new OutPoint(uint256.One, 0));
        PSBT psbt = PSBT.FromTransaction(transaction, s_network, PSBTVersion.PSBTv0);
        byte[] bytes = psbt.ToBytes();
        int end = 5 + 3 + bytes[7];
        byte[] stated = [.. bytes[..end], 1, 0xfb, 4, 0, 0, 0, 0, .. bytes[end..]];

        Assert.That(
            PsbtText.Parse(Convert.ToBase64String(stated), s_network).ToBase64(), Is.EqualTo(psbt.ToBase64()));
    }
}
