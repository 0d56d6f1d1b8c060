using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class SerializationTests
{
    // BIP143's signed P2WPKH example: one input without and one with witness.
    private const string WitnessTransaction =
        "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffff"
        + "ef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac"
        + "000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000";

    [TestCase(0ul, "00")]
    [TestCase(252ul, "fc")]
    [TestCase(253ul, "fdfd00")]
    [TestCase(65535ul, "fdffff")]
    [TestCase(65536ul, "fe00000100")]
    [TestCase(uint.MaxValue, "feffffffff")]
    [TestCase(uint.MaxValue + 1ul, "ff0000000001000000")]
    [TestCase(ulong.MaxValue, "ffffffffffffffffff")]
    public void A_compact_size_has_one_form(ulong value, string hex)
    {
        ByteWriter writer = new();
        writer.WriteCompactSize(value);
        ByteReader reader = new(Convert.FromHexString(hex));

        Assert.That(Convert.ToHexStringLower(writer.Written), Is.EqualTo(hex));
        Assert.That(reader.ReadCompactSize("count"), Is.EqualTo(value));
        Assert.That(reader.Remaining, Is.Zero);
    }

    [TestCase("fdfc00", "count at offset 0: expected 252 in its shortest form of 1 bytes, came 3 bytes.")]
    [TestCase("feffff0000", "count at offset 0: expected 65535 in its shortest form of 3 bytes, came 5 bytes.")]
    [TestCase("ffffffffff00000000", "count at offset 0: expected 4294967295 in its shortest form of 5 bytes, came 9 bytes.")]
    [TestCase("fd01", "count at offset 1: expected 2 bytes, came 1.")]
    [TestCase("", "count at offset 0: expected 1 bytes, came 0.")]
    public void A_malformed_compact_size_is_refused_with_what_was_expected_and_what_came(string hex, string message)
    {
        byte[] source = Convert.FromHexString(hex);

        BitcoinFormatException? error = Assert.Throws<BitcoinFormatException>(() => new ByteReader(source).ReadCompactSize("count"));

        Assert.That(error!.Message, Is.EqualTo(message));
    }

    [Test]
    public void A_count_that_the_rest_of_the_source_cannot_hold_is_refused_before_anything_is_allocated()
    {
        byte[] source = [0xfe, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0];

        BitcoinFormatException? error = Assert.Throws<BitcoinFormatException>(() => new ByteReader(source).ReadCount(41, "inputs"));

        Assert.That(error!.Expected, Is.EqualTo("at most 0 in the 3 bytes that remain"));
        Assert.That(error.Came, Is.EqualTo("2147483647"));
    }

    [Test]
    public void A_witness_transaction_round_trips_and_has_two_ids()
    {
        byte[] bytes = Convert.FromHexString(WitnessTransaction);

        Transaction transaction = Transaction.Parse(bytes);

        Assert.That(transaction.ToArray(), Is.EqualTo(bytes));
        Assert.That(transaction.HasWitness, Is.True);
        Assert.That(transaction.Inputs[0].Witness, Is.Empty);
        Assert.That(transaction.Inputs[1].Witness, Has.Count.EqualTo(2));
        Assert.That(transaction.LockTime, Is.EqualTo(17));
        Assert.That(transaction.Txid.ToString(), Is.EqualTo("e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609"));
        Assert.That(transaction.WitnessTxid.ToString(), Is.EqualTo("c36c38370907df2324d9ce9d149d191192f338b37665a82e78e76a12c909b762"));
        Assert.That(transaction.StrippedSize, Is.EqualTo(233));
        Assert.That(transaction.Size, Is.EqualTo(bytes.Length));
    }

    [Test]
    public void Every_cut_of_a_transaction_is_refused_with_a_clear_error()
    {
        byte[] bytes = Convert.FromHexString(WitnessTransaction);

        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            BitcoinFormatException? error = Assert.Throws<BitcoinFormatException>(() => Transaction.Parse(cut), $"cut at {length}");
            Assert.That(error!.Message, Does.Contain("expected").And.Contain("came"));
        }
    }

    [Test]
    public void Bytes_behind_a_transaction_are_refused()
    {
        byte[] bytes = [.. Convert.FromHexString(WitnessTransaction), 0];

        BitcoinFormatException? error = Assert.Throws<BitcoinFormatException>(() => Transaction.Parse(bytes));

        Assert.That(error!.Message, Does.EndWith("expected the end, came 1 more bytes."));
    }

    [Test]
    public void A_witness_form_without_any_witness_is_refused()
    {
        Transaction plain = NetworkParameters.Main.Genesis.Transactions[0];
        byte[] bytes = plain.ToArray();
        byte[] witnessForm = [.. bytes[..4], 0, 1, .. bytes[4..^4], 0, .. bytes[^4..]];

        BitcoinFormatException? error = Assert.Throws<BitcoinFormatException>(() => Transaction.Parse(witnessForm));

        Assert.That(error!.Field, Is.EqualTo("transaction witness"));
    }

    [Test]
    public void An_unknown_flag_is_refused()
    {
        byte[] bytes = Convert.FromHexString(WitnessTransaction);
        bytes[5] = 2;

        BitcoinFormatException? error = Assert.Throws<BitcoinFormatException>(() => Transaction.Parse(bytes));

        Assert.That(error!.Message, Is.EqualTo("transaction flags at offset 5: expected 0 or 1, came 2."));
    }

    [Test]
    public void A_transaction_without_inputs_and_outputs_round_trips()
    {
        byte[] bytes = [1, 0, 0, 0, 0, 0, 7, 0, 0, 0];

        Transaction transaction = Transaction.Parse(bytes);

        Assert.That(transaction.ToArray(), Is.EqualTo(bytes));
        Assert.That(transaction.LockTime, Is.EqualTo(7));
    }

    [Test]
    public void A_header_of_79_or_81_bytes_is_refused()
    {
        byte[] header = NetworkParameters.Main.Genesis.Header.ToArray();

        Assert.That(header, Has.Length.EqualTo(80));
        Assert.That(
            Assert.Throws<BitcoinFormatException>(() => BlockHeader.Parse(header[..79]))!.Message,
            Is.EqualTo("block header at offset 0: expected 80 bytes, came 79."));
        Assert.That(
            Assert.Throws<BitcoinFormatException>(() => BlockHeader.Parse((byte[])[.. header, 0]))!.Message,
            Is.EqualTo("block header at offset 80: expected the end, came 1 more bytes."));
    }

    [Test]
    public void A_parsed_block_does_not_change_with_the_bytes_it_came_from()
    {
        byte[] bytes = NetworkParameters.Main.Genesis.ToArray();
        byte[] copy = [.. bytes];
        Block block = Block.Parse(bytes);

        Array.Clear(bytes);

        Assert.That(block.ToArray(), Is.EqualTo(copy));
    }
}
