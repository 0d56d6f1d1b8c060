using NBitcoin;

namespace Bitcoin.Benchmarks.Figures;

/// <summary>The same work with NBitcoin alone, in one process, on one thread, with nothing stored.</summary>
internal static class Alone
{
    private static readonly Network s_main = Network.Main;

    /// <summary>The blocks of a block file.</summary>
    internal static List<Block> Read(string file)
    {
        const int FrameBytes = 8;
        byte[] bytes = File.ReadAllBytes(file);
        List<Block> blocks = [];
        for (int at = 0; at + FrameBytes <= bytes.Length;)
        {
            int length = BitConverter.ToInt32(bytes, at + sizeof(uint));
            blocks.Add(Block.Load(bytes.AsSpan(at + FrameBytes, length).ToArray(), s_main.Consensus.ConsensusFactory));
            at += FrameBytes + length;
        }

        return blocks;
    }

    /// <summary>Checks blocks and connects them to a set of coins.</summary>
    /// <returns>The chain of headers and the coins at its end.</returns>
    internal static (ConcurrentChain Chain, Dictionary<OutPoint, TxOut> Coins) Connect(IEnumerable<Block> blocks)
    {
        ConcurrentChain chain = new(s_main);
        Dictionary<OutPoint, TxOut> coins = [];
        foreach (Block block in blocks)
        {
            Expect(block.Check(), "a valid block");
            if (block.Header.HashPrevBlock != uint256.Zero)
            {
                chain.SetTip(block.Header);
            }

            foreach (Transaction transaction in block.Transactions)
            {
                if (!transaction.IsCoinBase)
                {
                    Verify(transaction, [.. transaction.Inputs.Select(input => Take(coins, input.PrevOut))]);
                }

                foreach (IndexedTxOut output in transaction.Outputs.AsIndexedOutputs())
                {
                    coins[new OutPoint(transaction, output.N)] = output.TxOut;
                }
            }
        }

        return (chain, coins);
    }

    /// <summary>Runs the scripts of all inputs.</summary>
    internal static void Verify(Transaction transaction, TxOut[] spent)
    {
        PrecomputedTransactionData data = transaction.PrecomputeTransactionData(spent);
        for (int i = 0; i < spent.Length; i++)
        {
            TransactionChecker checker = new(transaction, i, spent[i], data);
            ScriptEvaluationContext context = new() { ScriptVerify = ScriptVerify.P2SH };
            TxIn input = transaction.Inputs[i];
            bool isValid = context.VerifyScript(input.ScriptSig, input.WitScript, spent[i].ScriptPubKey, checker);
            Expect(isValid, "a valid script");
        }
    }

    /// <summary>Mines blocks on a network for tests.</summary>
    internal static void Mine(int count)
    {
        Network network = Network.RegTest;
        Block tip = network.GetGenesis();
        Script script = new Key().GetScriptPubKey(ScriptPubKeyType.Segwit);
        for (int height = 1; height <= count; height++)
        {
            Block next = network.Consensus.ConsensusFactory.CreateBlock();
            next.Header.HashPrevBlock = tip.GetHash();
            next.Header.BlockTime = tip.Header.BlockTime + TimeSpan.FromSeconds(1);
            next.Header.Bits = network.Consensus.PowLimit;
            Transaction reward = network.CreateTransaction();
            reward.Inputs.Add(new TxIn(new Script(Op.GetPushOp(height), OpcodeType.OP_0)));
            reward.Outputs.Add(Money.Coins(50), script);
            next.AddTransaction(reward);
            next.UpdateMerkleRoot();
            while (!next.CheckProofOfWork())
            {
                next.Header.Nonce++;
            }

            Expect(next.Check(), "a valid block");
            tip = next;
        }
    }

    private static TxOut Take(Dictionary<OutPoint, TxOut> coins, OutPoint point)
    {
        Expect(coins.Remove(point, out TxOut? coin), "a coin");
        return coin!;
    }

    private static void Expect(bool isGood, string what)
    {
        if (!isGood)
        {
            throw new InvalidOperationException($"NBitcoin alone: Expected {what}, got none.");
        }
    }
}
