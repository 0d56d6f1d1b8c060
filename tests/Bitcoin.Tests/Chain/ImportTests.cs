using System.Buffers.Binary;
using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class ImportTests
{
    private static readonly NetworkParameters s_network = BitcoinNetworks.Regtest;

    private Block[] _blocks;

    [OneTimeSetUp]
    public void Mine()
    {
        BlockTree source = new(s_network, Forge.Clock());
        Miner.Mine(source, 9, Forge.Script);
        _blocks = [.. Enumerable.Range(0, 10).Select(height => source.Read(source.AtHeight(height)!)!)];
    }

    [Test]
    public void Every_block_of_a_file_is_taken_and_the_second_time_known()
    {
        BlockTree chain = new(s_network, Forge.Clock());
        byte[] file = [.. _blocks.SelectMany(Frame)];

        ImportReport first = Import(chain, file);
        ImportReport second = Import(chain, file);

        Assert.That(
            (first.Taken, first.Duplicates, first.RefusedCount, first.SkippedBytes), Is.EqualTo((10, 0, 0, 0L)));
        Assert.That((second.Taken, second.Duplicates, second.RefusedCount), Is.EqualTo((0, 10, 0)));
        Assert.That(chain.Tip.Hash, Is.EqualTo(_blocks[^1].GetHash()));
    }

    [Test]
    public void Blocks_in_reverse_order_wait_for_their_parents()
    {
        BlockTree chain = new(s_network, Forge.Clock());

        ImportReport report = Import(chain, [.. _blocks.Reverse().SelectMany(Frame)]);

        Assert.That((report.Taken, report.RefusedCount), Is.EqualTo((10, 0)));
        Assert.That(chain.Tip.Height, Is.EqualTo(9));
    }

    [Test]
    public void A_block_whose_parent_never_comes_is_refused_at_the_end()
    {
        BlockTree chain = new(s_network, Forge.Clock());

        ImportReport report = Import(chain, [.. _blocks.Where((_, height) => height != 4).SelectMany(Frame)]);

        Assert.That(report.Taken, Is.EqualTo(4));
        Assert.That(report.Refused, Is.EqualTo(new Dictionary<string, int> { ["prev-blk-not-found"] = 5 }));
        Assert.That(
            report.ToString(),
            Is.EqualTo("4 blocks taken, 0 already known, 5 refused (prev-blk-not-found 5), 0 bytes skipped"));
    }

    [Test]
    public void Zeros_rubbish_and_half_a_magic_between_blocks_are_passed_over()
    {
        BlockTree chain = new(s_network, Forge.Clock());
        byte[] rubbish =
            [
                0,
                0,
                0xfa,
                0xfa,
                0xbf,
                0x11,
                0xfa,
                0xbf,
                0xb5,
                0xda,
                1,
                0,
                0,
                0,
                0xfa,
                0xbf,
                0xb5,
                0xda,
                0xff,
                0xff,
                0xff,
                0xff,
            ];

        ImportReport report = Import(
            chain,
            [.. rubbish, .. _blocks.SelectMany(block => (byte[])[.. Frame(block), .. rubbish]), .. new byte[100_000]]);

        Assert.That((report.Taken, report.RefusedCount), Is.EqualTo((10, 0)));
        Assert.That(report.SkippedBytes, Is.EqualTo((11 * rubbish.Length) + 100_000));
    }

    [Test]
    public void A_wrong_length_costs_only_its_own_block()
    {
        BlockTree chain = new(s_network, Forge.Clock());
        byte[] broken = Frame(_blocks[9]);
        BinaryPrimitives.WriteInt32LittleEndian(broken.AsSpan(4), 3_999_999);
        byte[] tooShort = Frame(_blocks[9]);
        BinaryPrimitives.WriteInt32LittleEndian(tooShort.AsSpan(4), 100);

        ImportReport report = Import(chain, [.. broken, .. tooShort, .. _blocks.Take(9).SelectMany(Frame)]);

        Assert.That(report.Taken, Is.EqualTo(9));
        Assert.That(report.Refused, Is.EqualTo(new Dictionary<string, int> { ["not-a-block"] = 2 }));
        Assert.That(report.FirstRefusals[0], Does.StartWith("test at 0: not-a-block: Expected 3999999 bytes, got"));
    }

    [Test]
    public void A_file_cut_at_any_byte_gives_the_blocks_before_the_cut()
    {
        byte[] file = [.. _blocks.Take(3).SelectMany(Frame)];
        int twoBlocks = Frame(_blocks[0]).Length + Frame(_blocks[1]).Length;

        for (int length = twoBlocks; length < file.Length; length++)
        {
            BlockTree chain = new(s_network, Forge.Clock());
            ImportReport report = Import(chain, file[..length]);
            Assert.That((report.Taken, chain.Tip.Height), Is.EqualTo((2, 1)), $"cut at {length}");
        }
    }

    [Test]
    public void A_block_larger_than_the_reading_buffer_comes_whole_in_small_reads()
    {
        Transaction padded = Forge.Spend(new OutPoint(uint256.One, 0));
        padded.Inputs[0].ScriptSig = Script.FromBytesUnsafe(new byte[300_000]);
        Block large = Forge.With(_blocks[1], _blocks[1].Transactions[0], padded);
        using DribblingStream stream = new([.. Frame(_blocks[0]), .. Frame(large), .. Frame(_blocks[2])]);
        BlockFileReader reader = new(stream, s_network);

        List<byte[]> read = [];
        while (reader.TryRead(out BlockFrame frame))
        {
            read.Add(frame.Block.ToArray());
        }

        Assert.That(read, Is.EqualTo(new[] { _blocks[0].ToBytes(), large.ToBytes(), _blocks[2].ToBytes() }));
        Assert.That(reader.SkippedBytes, Is.Zero);
    }

    [Test]
    public void A_refused_block_is_counted_by_its_reason()
    {
        BlockTree chain = new(s_network, Forge.Clock());
        Block forged = Forge.Edit(
            _blocks[1], static block => block.Header.HashMerkleRoot = uint256.Zero, keepsRoot: true);

        ImportReport report = Import(chain, [.. Frame(_blocks[0]), .. Frame(forged)]);

        Assert.That(report.Refused, Is.EqualTo(new Dictionary<string, int> { ["bad-txnmrklroot"] = 1 }));
        Assert.That(report.FirstRefusals[0], Does.Contain(forged.GetHash().ToString()));
    }

    [Test]
    public void A_cancelled_import_stops()
    {
        BlockTree chain = new(s_network, Forge.Clock());
        using MemoryStream stream = new([.. _blocks.SelectMany(Frame)]);

        Assert.Throws<OperationCanceledException>(
            () => new BlockImporter(chain).Import(stream, "test", new CancellationToken(canceled: true)));

        Assert.That(chain.Tip.Height, Is.Zero);
    }

    private static ImportReport Import(BlockTree chain, byte[] file)
    {
        BlockImporter importer = new(chain);
        using MemoryStream stream = new(file);
        importer.Import(stream, "test");
        return importer.Complete();
    }

    private static byte[] Frame(Block block)
    {
        byte[] bytes = block.ToBytes();
        byte[] frame = [.. s_network.Magic.Span, 0, 0, 0, 0, .. bytes];
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), bytes.Length);
        return frame;
    }

    /// <summary>Gives 1,000 bytes at a time.</summary>
    private sealed class DribblingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count)
            => base.Read(buffer, offset, Math.Min(count, 1000));
    }
}
