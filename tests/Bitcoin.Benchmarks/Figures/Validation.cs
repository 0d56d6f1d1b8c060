using Bitcoin.Benchmarks.Support;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using Bitcoin.Tests;
using NBitcoin;

namespace Bitcoin.Benchmarks.Figures;

/// <summary>Real blocks, and the scripts of one.</summary>
internal static class Validation
{
    private const string FirstBlocks = "blocks/mainnet-000000-004521.blk";
    private const int Count = 4522;
    private const int Height = 277_647;

    /// <summary>The first blocks, from the file to the stored index and coins.</summary>
    internal static void Connect(Bench bench)
    {
        if (Places.Data("blocks-connected", FirstBlocks) is not { } file)
        {
            return;
        }

        double[] seconds = bench.Seconds(
            () => Alone.Connect(Alone.Read(file)),
            () => Import(file, directory: null),
            () =>
            {
                DirectoryInfo directory = Directory.CreateTempSubdirectory("bench-");
                Import(file, directory.FullName);
                directory.Delete(recursive: true);
            });
        bench.Baseline("blocks-connected-alone", Count / seconds[0], "blocks/s");
        bench.Figure("blocks-connected-memory", Count / seconds[1], "blocks/s", seconds[0] / seconds[1]);
        bench.Figure("blocks-connected", Count / seconds[2], "blocks/s", seconds[0] / seconds[2]);
    }

    /// <summary>Every signature of block 277647.</summary>
    internal static void Signatures(Bench bench)
    {
        if (Places.Data("signatures", "blocks/mainnet-277647.raw") is not { } file
            || Places.Data("signatures", "blocks/mainnet-277647.prevouts.gz") is not { } before)
        {
            return;
        }

        byte[] bytes = File.ReadAllBytes(file);
        List<UnspentCoin> spent = SpentOutputs.Read(before);
        TxOut[] outputs = [.. spent.Select(static coin => new TxOut(Money.Satoshis(coin.Value), coin.Script))];
        double[] seconds = bench.Seconds(
            () =>
            {
                Block block = Block.Load(bytes, Network.Main.Consensus.ConsensusFactory);
                int next = 0;
                foreach (Transaction transaction in block.Transactions.Skip(1))
                {
                    Alone.Verify(transaction, outputs[next..(next += transaction.Inputs.Count)]);
                }
            },
            () => Check(bytes, spent, threads: 1),
            () => Check(bytes, spent, threads: 2));
        bench.Baseline("signatures-alone", spent.Count / seconds[0], "inputs/s");
        bench.Figure("signatures-1", spent.Count / seconds[1], "inputs/s", seconds[0] / seconds[1]);
        bench.Figure("signatures-2", spent.Count / seconds[2], "inputs/s", seconds[0] / seconds[2]);
        bench.Figure("block-277647", 1 / seconds[2], "blocks/s", seconds[0] / seconds[2]);
    }

    private static void Import(string file, string? directory)
    {
        using BlockTree tree = new(BitcoinNetworks.Main, clock: null, new TreeOptions { Directory = directory });
        BlockImporter importer = new(tree);
        importer.Import(file);
        if (importer.Complete().Taken != Count)
        {
            throw new InvalidOperationException($"{file}: Expected {Count} blocks, got {importer.Complete()}");
        }
    }

    private static void Check(byte[] bytes, List<UnspentCoin> spent, int threads)
    {
        if (!BlockParser.TryParse(bytes, BitcoinNetworks.Main, out Block? block))
        {
            throw new InvalidOperationException("Block: Expected a block, got other bytes.");
        }

        List<ScriptCheck.Job> jobs = [];
        int next = 0;
        foreach (Transaction transaction in block.Transactions.Skip(1))
        {
            jobs.Add(new ScriptCheck.Job(transaction, spent.GetRange(next, transaction.Inputs.Count)));
            next += transaction.Inputs.Count;
        }

        ScriptVerify flags = ScriptFlags.Of(block.GetHash(), Height, BitcoinNetworks.Main);
        if (BlockRules.CheckContents(block, BitcoinNetworks.Main) is not null
            || new ScriptCheck(threads).Run(jobs, flags, remembers: false) is not null)
        {
            throw new InvalidOperationException("Block: Expected a valid block, got an invalid one.");
        }
    }
}
