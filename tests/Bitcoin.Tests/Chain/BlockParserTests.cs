using System.Buffers.Binary;
using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class BlockParserTests
{
    // BIP143's signed P2WPKH example: one input without and one with witness.
    private const string WitnessTransaction =
        "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffff"
        + "ef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac"
        + "000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000";

    private static byte[] Bytes => Convert.FromHexString(WitnessTransaction);

    [TestCase(252ul, "fc")]
    [TestCase(253ul, "fdfd00")]
    [TestCase(65535ul, "fdffff")]
    [TestCase(65536ul, "fe00000100")]
    [TestCase(uint.MaxValue, "feffffffff")]
    [TestCase(uint.MaxValue + 1ul, "ff0000000001000000")]
    [TestCase(ulong.MaxValue, "ffffffffffffffffff")]
    public void A_count_has_one_form(ulong value, string hex)
    {
        WireReader reader = new(Convert.FromHexString(hex));

        Assert.That(reader.Count(), Is.EqualTo(value));
        Assert.That(reader.Left, Is.Zero);
    }

    [TestCase("fdfc00", "non-canonical ReadCompactSize()")]
    [TestCase("feffff0000", "non-canonical ReadCompactSize()")]
    [TestCase("ffffffffff00000000", "non-canonical ReadCompactSize()")]
    [TestCase("fd01", "SpanReader::read(): end of data")]
    [TestCase("", "SpanReader::read(): end of data")]
    public void A_malformed_count_is_refused(string hex, string message)
    {
        Assert.That(
            () => new WireReader(Convert.FromHexString(hex)).Count(),
            Throws.TypeOf<FormatException>().With.Message.EqualTo(message));
    }

    [Test]
    public void A_witness_transaction_round_trips_and_has_two_ids()
    {
        Assert.That(TryParse(Bytes, out Transaction? transaction), Is.True);

        Assert.That(transaction!.ToBytes(), Is.EqualTo(Bytes));
        Assert.That(transaction!.Inputs[0].WitScript.PushCount, Is.Zero);
        Assert.That(transaction.Inputs[1].WitScript.PushCount, Is.EqualTo(2));
        Assert.That(
            transaction.GetHash().ToString(),
            Is.EqualTo("e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609"));
        Assert.That(
            transaction.GetWitHash().ToString(),
            Is.EqualTo("c36c38370907df2324d9ce9d149d191192f338b37665a82e78e76a12c909b762"));
    }

    [Test]
    public void Every_cut_of_a_transaction_is_refused()
    {
        for (int length = 0; length < Bytes.Length; length++)
        {
            Assert.That(TryParse(Bytes[..length], out _), Is.False, $"cut at {length}");
        }
    }

    [Test]
    public void Bytes_behind_a_transaction_are_refused() => Assert.That(TryParse([.. Bytes, 0], out _), Is.False);

    [Test]
    public void A_witness_form_without_any_witness_is_refused()
    {
        byte[] plain = BitcoinNetworks.Main.Genesis.Transactions[0].ToBytes();

        Assert.That(TryParse(plain, out _), Is.True);
        Assert.That(TryParse([.. plain[..4], 0, 1, .. plain[4..^4], 0, .. plain[^4..]], out _), Is.False);
    }

    [TestCase(2)]
    [TestCase(3)]
    [TestCase(255)]
    public void An_unknown_flag_is_refused(byte flag)
    {
        byte[] bytes = Bytes;
        bytes[5] = flag;

        Assert.That(TryParse(bytes, out _), Is.False);
    }

    [Test]
    public void A_transaction_without_inputs_and_outputs_is_read()
    {
        Assert.That(TryParse([1, 0, 0, 0, 0, 0, 7, 0, 0, 0], out Transaction? transaction), Is.True);

        Assert.That(
            (transaction!.Inputs.Count, transaction.Outputs.Count, transaction.LockTime.Value), Is.EqualTo((0, 0, 7u)));
    }

    [Test]
    public void A_count_that_the_rest_cannot_hold_costs_no_memory()
    {
        byte[] bytes = [1, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(TryParse(bytes, out _), Is.False);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
    }

    [Test]
    public void Every_cut_of_a_block_is_refused_and_bytes_behind_it_are_not_looked_at()
    {
        byte[] bytes = BitcoinNetworks.Main.Genesis.ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.That(
                BlockParser.TryParse(bytes[..length], BitcoinNetworks.Main, out Block? _),
                Is.False,
                $"cut at {length}");
        }

        Assert.That(BlockParser.TryParse([.. bytes, 0xff], BitcoinNetworks.Main, out Block? block), Is.True);
        Assert.That(block!.ToBytes(), Is.EqualTo(bytes));
    }

    private static bool TryParse(byte[] bytes, out Transaction? transaction)
        => BlockParser.TryParse(bytes, BitcoinNetworks.Main, out transaction);
}
