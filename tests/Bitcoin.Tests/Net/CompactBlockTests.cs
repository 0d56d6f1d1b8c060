using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class CompactBlockTests
{
    private static readonly NetworkParameters s_network = BitcoinNetworks.Regtest;

    private readonly Block _block = Make(5);

    [Test]
    public void A_block_comes_out_of_its_compact_form_and_what_is_here()
    {
        CompactBlock sent = CompactBlock.Of(_block, nonce: 7);
        CompactBlock compact = CompactBlock.Read(sent.ToBytes(), s_network);
        Assert.That((compact.Count, compact.ShortIds), Is.EqualTo((5, sent.ShortIds)));
        Assert.That(compact.Header.GetHash(), Is.EqualTo(_block.GetHash()));
        PartialBlock partial = new();

        // The third one is not here.
        Assert.That(partial.Begin(compact, Known(1, 2, 4)), Is.EqualTo(PartialState.Good));
        Assert.That(partial.Missing, Is.EqualTo(new[] { 3 }));
        Assert.That(Fill(partial, out Block whole, 3), Is.EqualTo(PartialState.Good));

        Assert.That(whole.ToBytes(), Is.EqualTo(_block.ToBytes()));
        Assert.That(Fill(partial, out _, 3), Is.EqualTo(PartialState.Invalid), "it is used up");
    }

    [Test]
    public void The_name_of_a_transaction_is_that_of_the_proposal()
    {
        // SipHash-2-4 with the first 16 bytes of the header's and the nonce's SHA-256.
        byte[] key = System.Security.Cryptography.SHA256.HashData(
            [.. _block.Header.ToBytes(), .. BitConverter.GetBytes(7UL)]);
        uint256 hash = _block.Transactions[1].GetWitHash();
        ulong expected = SipHash(BitConverter.ToUInt64(key), BitConverter.ToUInt64(key, 8), hash.ToBytes());

        Assert.That(CompactBlock.Of(_block, nonce: 7).ShortIds[0], Is.EqualTo(expected & 0xffff_ffff_ffff));
        Assert.That(CompactBlock.Of(_block, nonce: 8).ShortIds[0], Is.Not.EqualTo(expected & 0xffff_ffff_ffff));
    }

    [TestCase(0, PartialState.Invalid)]
    [TestCase(2, PartialState.Invalid)]
    [TestCase(1, PartialState.Good)]
    public void The_transactions_that_were_missing_must_all_come_and_no_others(int count, PartialState expected)
    {
        PartialBlock partial = new();
        partial.Begin(CompactBlock.Of(_block, 1), Known(1, 2, 3));

        Assert.That(Fill(partial, out _, [.. Enumerable.Repeat(4, count)]), Is.EqualTo(expected));
    }

    [Test]
    public void A_wrong_transaction_is_found_and_the_whole_block_is_needed()
    {
        PartialBlock partial = new();
        partial.Begin(CompactBlock.Of(_block, 1), Known(1, 2, 3));

        Assert.That(Fill(partial, out _, 3), Is.EqualTo(PartialState.Failed));
    }

    [Test]
    public void A_compact_block_that_cannot_be_is_invalid_and_one_with_equal_names_needs_the_whole()
    {
        byte[] bytes = CompactBlock.Of(_block, 1).ToBytes();
        const int NamesAt = 80 + 8 + 1;

        // The place of the coinbase behind all others.
        byte[] odd = [.. bytes];
        odd[NamesAt + (4 * 6) + 1] = 5;
        Assert.That(new PartialBlock().Begin(CompactBlock.Read(odd, s_network), []), Is.EqualTo(PartialState.Invalid));

        byte[] equal = [.. bytes];
        bytes.AsSpan(NamesAt, 6).CopyTo(equal.AsSpan(NamesAt + 6));
        Assert.That(new PartialBlock().Begin(CompactBlock.Read(equal, s_network), []), Is.EqualTo(PartialState.Failed));

        PartialBlock twice = new();
        Assert.That(twice.Begin(CompactBlock.Read(bytes, s_network), []), Is.EqualTo(PartialState.Good));
        Assert.That(twice.Begin(CompactBlock.Read(bytes, s_network), []), Is.EqualTo(PartialState.Invalid));
    }

    [TestCase(new int[] { })]
    [TestCase(new[] { 0 })]
    [TestCase(new[] { 1, 2, 300, 65_535 })]
    public void Places_are_written_as_distances(int[] places)
    {
        WireWriter writer = new();
        CompactBlock.WriteIndexes(writer, places);
        WireReader reader = new(writer.ToArray());

        Assert.That(CompactBlock.ReadIndexes(ref reader), Is.EqualTo(places));
        Assert.That(reader.Left, Is.Zero);
    }

    [TestCase("01fe00000100")]
    [TestCase("02fdffff00")]
    [TestCase("ff")]
    public void Places_beyond_any_block_cannot_be_read(string hex)
    {
        Assert.That(
            () =>
            {
                WireReader reader = new(Convert.FromHexString(hex));
                CompactBlock.ReadIndexes(ref reader);
            },
            Throws.TypeOf<FormatException>());
    }

    private static PartialState Fill(PartialBlock partial, Block from, out Block whole, int[] missing)
    {
        return partial.Fill(
            [.. missing.Select(i => from.Transactions[i])],
            Network.RegTest.Consensus.ConsensusFactory.CreateBlock(),
            block => block.GetMerkleRoot().Hash != block.Header.HashMerkleRoot,
            out whole);
    }

    private static Block Make(int count)
    {
        Block block = Network.RegTest.Consensus.ConsensusFactory.CreateBlock();
        for (int i = 0; i < count; i++)
        {
            Transaction transaction = Network.RegTest.CreateTransaction();
            transaction.Inputs.Add(new OutPoint(new uint256((ulong)i + 1), 0));
            transaction.Outputs.Add(Money.Coins(1), Script.Empty);
            block.Transactions.Add(transaction);
        }

        block.UpdateMerkleRoot();
        return block;
    }

    /// <summary>As the paper has it, for 32 bytes.</summary>
    private static ulong SipHash(ulong first, ulong second, byte[] bytes)
    {
        ulong a = first ^ 0x736f6d6570736575, b = second ^ 0x646f72616e646f6d;
        ulong c = first ^ 0x6c7967656e657261, d = second ^ 0x7465646279746573;
        for (int i = 0; i <= bytes.Length; i += 8)
        {
            ulong word = i == bytes.Length ? (ulong)bytes.Length << 56 : BitConverter.ToUInt64(bytes, i);
            d ^= word;
            Round();
            Round();
            a ^= word;
        }

        c ^= 0xff;
        for (int i = 0; i < 4; i++)
        {
            Round();
        }

        return a ^ b ^ c ^ d;

        void Round()
        {
            a += b;
            b = ulong.RotateLeft(b, 13) ^ a;
            a = ulong.RotateLeft(a, 32);
            c += d;
            d = ulong.RotateLeft(d, 16) ^ c;
            a += d;
            d = ulong.RotateLeft(d, 21) ^ a;
            c += b;
            b = ulong.RotateLeft(b, 17) ^ c;
            c = ulong.RotateLeft(c, 32);
        }
    }

    private IEnumerable<(uint256 WitnessHash, Transaction Transaction)> Known(params int[] places)
        => places.Select(i => (_block.Transactions[i].GetWitHash(), _block.Transactions[i]));

    private PartialState Fill(PartialBlock partial, out Block whole, params int[] missing)
        => Fill(partial, _block, out whole, missing);
}
