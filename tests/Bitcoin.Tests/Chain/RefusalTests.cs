using Bitcoin.Chain;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class RefusalTests
{
    private static readonly OutPoint s_somewhere = new(Hash256.Compute([1]), 0);

    private BlockTree _chain;
    private Block _good;

    [SetUp]
    public void Mine()
    {
        _chain = new BlockTree(NetworkParameters.Regtest, Forge.Clock());
        Miner.Mine(_chain, 12, Forge.Script);
        _good = Forge.Next(_chain);
    }

    [TearDown]
    public void A_refused_block_leaves_no_trace()
    {
        if (_chain.Find(_good.Hash) is null)
        {
            Assert.That(_chain.Count, Is.EqualTo(13));
            Assert.That(_chain.AcceptBlock(_good).IsTaken, Is.True);
        }
    }

    [Test]
    public void Hash_above_the_target()
    {
        BlockHeader header = _good.Header;
        while (ProofOfWork.IsMet(header.ComputeHash(), header.Target, _chain.Network))
        {
            header = header with { Nonce = header.Nonce + 1 };
        }

        Refused(new Block(header, _good.Transactions), "high-hash");
    }

    [TestCase(0x2100ffffu, TestName = "Target_above_the_limit_counts_as_no_work")]
    [TestCase(0x20ffffffu, TestName = "Negative_target_counts_as_no_work")]
    [TestCase(0u, TestName = "Zero_target_counts_as_no_work")]
    public void Unusable_target(uint bits) => Refused(new Block(_good.Header with { Target = new CompactTarget(bits) }, _good.Transactions), "high-hash");

    [Test]
    public void Target_other_than_the_expected_one()
    {
        BlockHeader header = _good.Header with { Target = new CompactTarget(0x207ffffe) };
        while (!ProofOfWork.IsMet(header.ComputeHash(), header.Target, _chain.Network))
        {
            header = header with { Nonce = header.Nonce + 1 };
        }

        Refused(new Block(header, _good.Transactions), "bad-diffbits");
    }

    [Test]
    public void Merkle_root_of_other_transactions() => Refused(Forge.With(_good.Header with { MerkleRoot = Hash256.Zero }, _good.Transactions), "bad-txnmrklroot");

    [Test]
    public void Transactions_with_the_repetition_written_out()
    {
        Transaction coinbase = Forge.WithoutCommitment(_good.Transactions[0]);
        Block honest = Forge.With(_good, coinbase, Forge.Spend(s_somewhere), Forge.Spend(new OutPoint(Hash256.Compute([3]), 0)));
        Block forged = new(honest.Header, [.. honest.Transactions, honest.Transactions[^1]]);

        AcceptResult result = _chain.AcceptBlock(forged);
        AcceptResult afterwards = _chain.AcceptBlock(honest);

        Assert.That(result.Refusal?.Reason, Is.EqualTo("bad-txns-duplicate"));
        Assert.That(afterwards.IsTaken, Is.True, "the honest block has the same hash and must not suffer for the forgery");
        _good = honest;
    }

    [Test]
    public void Unknown_parent() => Refused(Forge.With(_good.Header with { PreviousHash = Hash256.Compute([1]) }, _good.Transactions), "prev-blk-not-found");

    [Test]
    public void A_known_block()
    {
        Assert.That(_chain.AcceptBlock(_chain.AtHeight(5)!.Block).Refusal?.Reason, Is.EqualTo("duplicate"));
        Assert.That(_chain.AcceptBlock(_chain.Network.Genesis).Refusal?.Reason, Is.EqualTo("duplicate"));
    }

    [Test]
    public void Time_equal_to_the_median_of_the_last_eleven()
    {
        uint median = _chain.Tip.MedianTimePast;

        Assert.That(median, Is.EqualTo(_chain.AtHeight(7)!.Header.Time));
        Refused(Forge.With(_good.Header with { Time = median }, _good.Transactions), "time-too-old");
    }

    [Test]
    public void Time_more_than_two_hours_from_now()
    {
        uint now = (uint)_chain.Clock.GetUtcNow().ToUnixTimeSeconds();

        Refused(Forge.With(_good.Header with { Time = now + 7201 }, _good.Transactions), "time-too-new");
        Refused(Forge.With(_good.Header with { Time = now + 7200 }, _good.Transactions), null, accepted: true);
    }

    [Test]
    public void Version_of_the_past() => Refused(Forge.With(_good.Header with { Version = 3 }, _good.Transactions), "bad-version(0x00000003)");

    [Test]
    public void No_transactions() => Refused(Forge.With(_good), "bad-blk-length");

    [Test]
    public void No_coinbase() => Refused(Forge.With(_good, Forge.Spend(s_somewhere)), "bad-cb-missing");

    [Test]
    public void Coinbase_second() => Refused(Forge.With(_good, Forge.Spend(s_somewhere), _good.Transactions[0]), "bad-cb-missing");

    [Test]
    public void Two_coinbases() => Refused(Forge.With(_good, _good.Transactions[0], Forge.Coinbase([1, 13, 0], new TxOut(1, Forge.Script))), "bad-cb-multiple");

    [Test]
    public void Coinbase_of_another_height() => Refused(Forge.With(_good, Forge.Next(_chain, _chain.AtHeight(10)).Transactions[0]), "bad-cb-height");

    [TestCase(1)]
    [TestCase(101)]
    public void Coinbase_script_of_a_wrong_length(int length) => Refused(Forge.With(_good, Forge.Coinbase(new byte[length], new TxOut(1, Forge.Script))), "bad-cb-length");

    [TestCase(-1, "bad-txns-vout-negative")]
    [TestCase(Money.Max + 1, "bad-txns-vout-toolarge")]
    public void Output_that_is_no_amount(long value, string reason) => Refused(Forge.With(_good, _good.Transactions[0], Forge.Spend(s_somewhere, value)), reason);

    [Test]
    public void Outputs_of_more_than_all_money()
    {
        Transaction transaction = new(1, [new TxIn(s_somewhere, Forge.Script, 0)], [new TxOut(Money.Max, Forge.Script), new TxOut(1, Forge.Script)], 0);

        Refused(Forge.With(_good, _good.Transactions[0], transaction), "bad-txns-txouttotal-toolarge");
    }

    [Test]
    public void Transaction_without_inputs_or_outputs()
    {
        Refused(Forge.With(_good, _good.Transactions[0], new Transaction(1, [], [new TxOut(1, Forge.Script)], 0)), "bad-txns-vin-empty");
        Refused(Forge.With(_good, _good.Transactions[0], new Transaction(1, [new TxIn(s_somewhere, Forge.Script, 0)], [], 0)), "bad-txns-vout-empty");
    }

    [Test]
    public void Transaction_that_spends_an_output_twice()
    {
        TxIn input = new(s_somewhere, Forge.Script, 0);

        Refused(Forge.With(_good, _good.Transactions[0], new Transaction(1, [input, input], [new TxOut(1, Forge.Script)], 0)), "bad-txns-inputs-duplicate");
    }

    [Test]
    public void Transaction_that_spends_nothing_beside_something()
    {
        Transaction transaction = new(1, [new TxIn(s_somewhere, Forge.Script, 0), new TxIn(OutPoint.None, Forge.Script, 0)], [new TxOut(1, Forge.Script)], 0);

        Refused(Forge.With(_good, _good.Transactions[0], transaction), "bad-txns-prevout-null");
    }

    [Test]
    public void Transaction_whose_lock_time_has_not_passed()
    {
        Refused(Forge.With(_good, _good.Transactions[0], Forge.Spend(s_somewhere, lockTime: 13, sequence: 0)), "bad-txns-nonfinal");
        Refused(Forge.With(_good, Forge.WithoutCommitment(_good.Transactions[0]), Forge.Spend(s_somewhere, lockTime: 13)), null, accepted: true);
    }

    [Test]
    public void Witnesses_that_the_coinbase_does_not_commit_to()
    {
        Transaction coinbase = _good.Transactions[0];
        Transaction bare = new(2, coinbase.Inputs, [coinbase.Outputs[0]], 0);
        Transaction carrier = new(1, [new TxIn(s_somewhere, Forge.Script, 0) { Witness = [new byte[] { 1 }] }], [new TxOut(1, Forge.Script)], 0);

        Refused(Forge.With(_good, bare), "unexpected-witness");
        Refused(Forge.With(_good, coinbase, carrier), "bad-witness-merkle-match");
        Refused(Forge.With(_good, new Transaction(2, [coinbase.Inputs[0] with { Witness = [] }], coinbase.Outputs, 0)), "bad-witness-nonce-size");
    }

    [Test]
    public void Witness_before_the_network_knows_witnesses()
    {
        BlockTree main = new(NetworkParameters.Main);
        Block genesis = main.Network.Genesis;
        Transaction coinbase = genesis.Transactions[0];
        Block carrier = new(genesis.Header, [new Transaction(1, [coinbase.Inputs[0] with { Witness = [new byte[32]] }], coinbase.Outputs, 0)]);

        Assert.That(carrier.Hash, Is.EqualTo(genesis.Hash), "a witness is not part of what the header commits to");
        Assert.That(main.AcceptBlock(carrier).Refusal?.Reason, Is.EqualTo("duplicate"));
    }

    private void Refused(Block block, string? reason, bool accepted = false)
    {
        AcceptResult result = _chain.AcceptBlock(block);

        if (accepted)
        {
            Assert.That(result.Refusal, Is.Null);
            _good = block;
            return;
        }

        Assert.That(result.Refusal?.Reason, Is.EqualTo(reason));
        Assert.That(result.Refusal!.Details, Does.Contain("xpected").And.Contain("came"));
    }
}
