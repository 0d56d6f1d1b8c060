using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class RealBlockTests
{
    private const string FirstBlocks = "blocks/mainnet-000000-004521.blk";

    [Test]
    public void The_first_4522_blocks_of_the_main_network_are_taken()
    {
        string file = RealData.File(FirstBlocks);
        BlockTree chain = new(BitcoinNetworks.Main);
        BlockImporter importer = new(chain);

        importer.Import(file);
        ImportReport report = importer.Complete();

        Assert.That(
            (report.Taken, report.Duplicates, report.RefusedCount, report.SkippedBytes),
            Is.EqualTo((4522, 0, 0, 0L)),
            report.ToString());
        Assert.That(chain.Tip.Height, Is.EqualTo(4521));
        Assert.That(
            chain.Tip.Hash.ToString(), Is.EqualTo("00000000ac08f7d984f6b36027395e654a5f1e3bb006cd9df9c60b9897ea4c40"));
    }

    [Test]
    public void The_first_blocks_round_trip_byte_for_byte()
    {
        using FileStream stream = File.OpenRead(RealData.File(FirstBlocks));
        BlockFileReader reader = new(stream, BitcoinNetworks.Main);
        int count = 0;

        while (reader.TryRead(out BlockFrame frame))
        {
            count++;
            Assert.That(
                BlockParser.TryParse(frame.Block.ToArray(), BitcoinNetworks.Main, out Block? _),
                Is.True,
                $"block at {frame.Offset}");
        }

        Assert.That(count, Is.EqualTo(4522));
    }

    [TestCase(
        "blocks/mainnet-277647.raw",
        "0000000000000000054a714e580b16c583701712ab91060e92dbde6eb1e052a8",
        213,
        732,
        0)]
    [TestCase(
        "blocks/mainnet-482683.raw",
        "000000000000000000c238240ef6dcb26c37e75e16514e6ffc0aef7eee73e747",
        12,
        51,
        2)]
    public void A_later_block_parses_and_its_commitments_hold(
        string file, string hash, int transactions, int inputs, int withWitness)
    {
        byte[] bytes = File.ReadAllBytes(RealData.File(file));

        Assert.That(BlockParser.TryParse(bytes, BitcoinNetworks.Main, out Block? block), Is.True);

        Assert.That(block!.GetHash().ToString(), Is.EqualTo(hash));
        Assert.That(BlockRules.CheckProofOfWork(block.Header, block.GetHash(), BitcoinNetworks.Main), Is.Null);
        Assert.That(BlockRules.CheckContents(block, BitcoinNetworks.Main), Is.Null);
        Assert.That(block.Transactions, Has.Count.EqualTo(transactions));
        Assert.That(block.Transactions.Skip(1).Sum(static transaction => transaction.Inputs.Count), Is.EqualTo(inputs));
        Assert.That(block.Transactions.Count(static transaction => transaction.HasWitness), Is.EqualTo(withWitness));
        if (withWitness > 0)
        {
            Assert.That(Witnesses.Check(block, isExpected: true), Is.Null);
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Every_signature_of_a_real_block_is_checked(bool isTampered)
    {
        byte[] bytes = File.ReadAllBytes(RealData.File("blocks/mainnet-277647.raw"));
        Assert.That(BlockParser.TryParse(bytes, BitcoinNetworks.Main, out Block? block), Is.True);
        List<UnspentCoin> spent = SpentOutputs.Read(RealData.File("blocks/mainnet-277647.prevouts.gz"));
        ScriptCheck.Job[] jobs = new ScriptCheck.Job[block!.Transactions.Count - 1];
        int next = 0;
        for (int i = 0; i < jobs.Length; i++)
        {
            Transaction transaction = block.Transactions[i + 1];
            jobs[i] = new ScriptCheck.Job(transaction, spent.GetRange(next, transaction.Inputs.Count));
            next += transaction.Inputs.Count;
        }

        if (isTampered)
        {
            jobs[77].Transaction.Outputs[0].Value += Money.Satoshis(1);
        }

        ScriptCheck.Failure? failure = new ScriptCheck(threads: 2).Run(
            jobs, ScriptFlags.Of(block.GetHash(), 277_647, BitcoinNetworks.Main), remembers: false);

        Assert.That(next, Is.EqualTo(732));
        Assert.That(failure?.Transaction, Is.EqualTo(isTampered ? jobs[77].Transaction : null));
    }

    [Test]
    public void Ten_thousand_headers_link_show_work_and_state_the_target_expected()
    {
        const int HeaderBytes = 80;
        byte[] file = File.ReadAllBytes(RealData.File("headers/mainnet-000000-010236.hdr"));
        Assert.That(file, Has.Length.EqualTo(10_237 * HeaderBytes));
        using BlockTree tree = new(BitcoinNetworks.Main);
        List<BlockHeader> headers = [];
        for (int height = 1; height < 10_237; height++)
        {
            BlockHeader header = BitcoinNetworks.Main.Network.Consensus.ConsensusFactory.CreateBlockHeader();
            header.FromBytes(file[(height * HeaderBytes)..((height + 1) * HeaderBytes)]);
            headers.Add(header);
        }

        (Refusal? refusal, ChainBlock? last) = tree.AcceptHeaders(headers);

        Assert.That(refusal, Is.Null);
        Assert.That(last!.Height, Is.EqualTo(10_236));
        Assert.That(last.Hash.ToString(), Does.StartWith("000000004f74d422").And.EndsWith("28161"));
        Assert.That(tree.Tip.Height, Is.Zero, "headers alone are no chain");
    }
}
