using Bitcoin.Chain;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class RealBlockTests
{
    private const string FirstBlocks = "blocks/mainnet-000000-004521.blk";

    [Test]
    public void The_first_4522_blocks_of_the_main_network_are_taken()
    {
        string file = RealData.File(FirstBlocks);
        BlockTree chain = new(NetworkParameters.Main);
        BlockImporter importer = new(chain);

        importer.Import(file);
        ImportReport report = importer.Complete();

        Assert.That((report.Taken, report.Duplicates, report.RefusedCount, report.SkippedBytes), Is.EqualTo((4522, 0, 0, 0L)), report.ToString());
        Assert.That(chain.Tip.Height, Is.EqualTo(4521));
        Assert.That(chain.Tip.Hash.ToString(), Is.EqualTo("00000000ac08f7d984f6b36027395e654a5f1e3bb006cd9df9c60b9897ea4c40"));
    }

    [Test]
    public void The_first_blocks_round_trip_byte_for_byte()
    {
        using FileStream stream = File.OpenRead(RealData.File(FirstBlocks));
        BlockFileReader reader = new(stream, NetworkParameters.Main);
        int count = 0;

        while (reader.TryRead(out BlockFrame frame))
        {
            count++;
            Assert.That(frame.Block.Span.SequenceEqual(Block.Parse(frame.Block.Span).ToArray()), Is.True, $"block at {frame.Offset}");
        }

        Assert.That(count, Is.EqualTo(4522));
    }

    [TestCase("blocks/mainnet-277647.raw", "0000000000000000054a714e580b16c583701712ab91060e92dbde6eb1e052a8", 213, 732, 0)]
    [TestCase("blocks/mainnet-482683.raw", "000000000000000000c238240ef6dcb26c37e75e16514e6ffc0aef7eee73e747", 12, 51, 2)]
    public void A_later_block_parses_and_its_commitments_hold(string file, string hash, int transactions, int inputs, int withWitness)
    {
        byte[] bytes = File.ReadAllBytes(RealData.File(file));

        Block block = Block.Parse(bytes);

        Assert.That(block.Hash.ToString(), Is.EqualTo(hash));
        Assert.That(block.ToArray(), Is.EqualTo(bytes));
        Assert.That(ProofOfWork.IsMet(block.Hash, block.Header.Target, NetworkParameters.Main), Is.True);
        Assert.That(block.ComputeMerkleRoot(out bool mutated), Is.EqualTo(block.Header.MerkleRoot));
        Assert.That(mutated, Is.False);
        Assert.That(block.Transactions, Has.Count.EqualTo(transactions));
        Assert.That(block.Transactions.Skip(1).Sum(static transaction => transaction.Inputs.Count), Is.EqualTo(inputs));
        Assert.That(block.Transactions.Count(static transaction => transaction.HasWitness), Is.EqualTo(withWitness));
        if (withWitness > 0)
        {
            Hash256 reserved = new(block.Transactions[0].Inputs[0].Witness[0].Span);
            Assert.That(block.ComputeWitnessCommitment(reserved), Is.EqualTo(block.FindWitnessCommitment()));
        }
    }

    [Test]
    public void Ten_thousand_headers_link_show_work_and_state_the_target_expected()
    {
        byte[] file = File.ReadAllBytes(RealData.File("headers/mainnet-000000-010236.hdr"));
        NetworkParameters network = NetworkParameters.Main;
        Assert.That(file, Has.Length.EqualTo(10_237 * BlockHeader.Size));

        List<BlockHeader> headers = [];
        Hash256 previousHash = Hash256.Zero;
        for (int height = 0; height < 10_237; height++)
        {
            BlockHeader header = BlockHeader.Parse(file.AsMemory(height * BlockHeader.Size, BlockHeader.Size));
            Hash256 hash = header.ComputeHash();
            Assert.That(header.PreviousHash, Is.EqualTo(previousHash), $"link of {height}");
            Assert.That(ProofOfWork.IsMet(hash, header.Target, network), Is.True, $"work of {height}");
            if (height > 0 && height % network.RetargetInterval == 0)
            {
                CompactTarget expected = ProofOfWork.Retarget(network, headers[height - network.RetargetInterval].Time, headers[^1]);
                Assert.That(header.Target, Is.EqualTo(expected), $"target of {height}");
            }

            headers.Add(header);
            previousHash = hash;
        }

        Assert.That(previousHash, Is.EqualTo(headers[^1].ComputeHash()));
        Assert.That(previousHash.ToString(), Does.StartWith("000000004f74d422").And.EndsWith("28161"));
    }
}
