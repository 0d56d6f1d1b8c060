using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class RefusalTests
{
    private static readonly OutPoint s_somewhere = new(uint256.One, 0);

    private BlockTree _chain;
    private Block _good;

    [SetUp]
    public void Mine()
    {
        _chain = new BlockTree(BitcoinNetworks.Regtest, Forge.Clock());
        Miner.Mine(_chain, 103, Forge.Script);
        _good = Forge.Next(_chain);
    }

    [TearDown]
    public void A_refused_block_leaves_no_trace()
    {
        // The header of a block whose transactions were refused may be known all the same.
        if (_chain.Tip.Hash != _good.GetHash())
        {
            Assert.That(_chain.AcceptBlock(_good).Refusal, Is.Null);
        }

        Assert.That(_chain.Tip.Hash, Is.EqualTo(_good.GetHash()));
        _chain.Dispose();
    }

    [Test]
    public void Hash_above_the_target()
    {
        Block block = Forge.Copy(_good);
        while (ProofOfWork.IsMet(block.GetHash(), 0x207fffff, _chain.Network))
        {
            block.Header.Nonce++;
        }

        Refused(block, "high-hash");
    }

    [TestCase(0x2100ffffu, TestName = "Target_above_the_limit_counts_as_no_work")]
    [TestCase(0x20ffffffu, TestName = "Negative_target_counts_as_no_work")]
    [TestCase(0u, TestName = "Zero_target_counts_as_no_work")]
    public void Unusable_target(uint bits)
    {
        Assert.That(ProofOfWork.IsMet(uint256.Zero, bits, _chain.Network), Is.False);
    }

    [TestCase("000000ab6a", "51", "Using OP_CODESEPARATOR in non-witness script")]
    [TestCase("0000006aab", "51", "OP_RETURN was encountered")]
    [TestCase("51", "ab6a", "Using OP_CODESEPARATOR in non-witness script")]
    [TestCase("51", "6aab", "OP_RETURN was encountered")]
    [TestCase("51", "ab51", "Using OP_CODESEPARATOR in non-witness script")]
    public void Of_two_errors_of_a_script_the_first_counts(string input, string output, string error)
    {
        Transaction transaction = Forge.Spend(s_somewhere);
        transaction.Inputs[0].ScriptSig = Script.FromHex(input);
        TxOut spent = new(Money.Coins(1), Script.FromHex(output));

        ScriptError found = ScriptCheck.Verify(
            transaction, 0, spent, transaction.PrecomputeTransactionData([spent]), ScriptFlags.Standard);

        Assert.That(ScriptErrors.Describe(found), Is.EqualTo(error));
    }

    [Test]
    public void Target_other_than_the_expected_one()
        => Refused(Forge.Edit(_good, static block => block.Header.Bits = new Target(0x207ffffe)), "bad-diffbits");

    [Test]
    public void Merkle_root_of_other_transactions()
        => Refused(
            Forge.Edit(_good, static block => block.Header.HashMerkleRoot = uint256.Zero, keepsRoot: true),
            "bad-txnmrklroot");

    [Test]
    public void Transactions_with_the_repetition_written_out()
    {
        Transaction coinbase = Forge.WithoutCommitment(_good.Transactions[0]);
        Block honest = Forge.With(
            _good, coinbase, Forge.Spend(Forge.CoinbaseAt(_chain, 1)), Forge.Spend(Forge.CoinbaseAt(_chain, 2)));
        Block forged = Forge.Copy(honest);
        forged.Transactions.Add(forged.Transactions[^1]);

        AcceptResult result = _chain.AcceptBlock(forged);
        AcceptResult afterwards = _chain.AcceptBlock(honest);

        Assert.That(result.Refusal?.Reason, Is.EqualTo("bad-txns-duplicate"));
        Assert.That(
            afterwards.Refusal, Is.Null, "the honest block has the same hash and must not suffer for the forgery");
        _good = honest;
    }

    [Test]
    public void Unknown_parent()
        => Refused(Forge.Edit(_good, static block => block.Header.HashPrevBlock = uint256.One), "prev-blk-not-found");

    [Test]
    public void A_known_block()
    {
        Assert.That(_chain.AcceptBlock(_chain.Read(_chain.AtHeight(5)!)!).Refusal?.Reason, Is.EqualTo("duplicate"));
        Assert.That(_chain.AcceptBlock(_chain.Network.Genesis).Refusal?.Reason, Is.EqualTo("duplicate"));
    }

    [Test]
    public void A_block_refused_once_is_refused_for_good()
    {
        Block bad = WithBare(Forge.Spend(s_somewhere));

        Refused(bad, "bad-txns-inputs-missingorspent");
        Refused(bad, "duplicate-invalid");
        Refused(Forge.Edit(_good, block => block.Header.HashPrevBlock = bad.GetHash()), "bad-prevblk");
    }

    [Test]
    public void Time_equal_to_the_median_of_the_last_eleven()
    {
        uint median = _chain.Tip.MedianTimePast;

        Assert.That(median, Is.EqualTo(_chain.AtHeight(98)!.Time));
        Refused(At(median), "time-too-old");
    }

    [Test]
    public void Time_more_than_two_hours_from_now()
    {
        uint now = (uint)_chain.Clock.GetUtcNow().ToUnixTimeSeconds();

        Refused(At(now + 7201), "time-too-new");
        Accepted(At(now + 7200));
    }

    [Test]
    public void Version_of_the_past()
        => Refused(Forge.Edit(_good, static block => block.Header.Version = 3), "bad-version(0x00000003)");

    [Test]
    public void No_transactions()
        => Refused(
            Forge.Edit(
                _good,
                static block => (block.Transactions, block.Header.HashMerkleRoot) = ([], uint256.Zero),
                keepsRoot: true),
            "bad-blk-length");

    [Test]
    public void No_coinbase() => Refused(Forge.With(_good, Forge.Spend(s_somewhere)), "bad-cb-missing");

    [Test]
    public void Coinbase_second()
        => Refused(Forge.With(_good, Forge.Spend(s_somewhere), _good.Transactions[0]), "bad-cb-missing");

    [Test]
    public void Two_coinbases()
        => Refused(
            Forge.With(_good, _good.Transactions[0], Forge.Coinbase([1, 13, 0], Forge.Output(1))), "bad-cb-multiple");

    [Test]
    public void Coinbase_of_another_height()
        => Refused(Forge.With(_good, Forge.Next(_chain, _chain.AtHeight(10)).Transactions[0]), "bad-cb-height");

    [TestCase(1)]
    [TestCase(101)]
    public void Coinbase_script_of_a_wrong_length(int length)
        => Refused(Forge.With(_good, Forge.Coinbase(new byte[length], Forge.Output(1))), "bad-cb-length");

    [Test]
    public void Coinbase_that_takes_more_than_subsidy_and_fees()
    {
        Transaction greedy = Forge.WithoutCommitment(_good.Transactions[0]);
        greedy.Outputs[0].Value += Money.Satoshis(1);

        Refused(Forge.With(_good, greedy), "bad-cb-amount");
    }

    [TestCase(-1, "bad-txns-vout-negative")]
    [TestCase(TransactionRules.MaxMoney + 1, "bad-txns-vout-toolarge")]
    public void Output_that_is_no_amount(long value, string reason)
        => Refused(Forge.With(_good, _good.Transactions[0], Forge.Spend(s_somewhere, value)), reason);

    [Test]
    public void Outputs_of_more_than_all_money()
    {
        Refused(
            Forge.With(
                _good,
                _good.Transactions[0],
                Forge.Transaction(
                    [Forge.Input(s_somewhere)], [Forge.Output(TransactionRules.MaxMoney), Forge.Output(1)])),
            "bad-txns-txouttotal-toolarge");
    }

    [Test]
    public void Transaction_without_outputs()
        => Refused(
            Forge.With(_good, _good.Transactions[0], Forge.Transaction([Forge.Input(s_somewhere)], [])),
            "bad-txns-vout-empty");

    [Test]
    public void Transaction_that_spends_an_output_twice()
    {
        Refused(
            Forge.With(
                _good,
                _good.Transactions[0],
                Forge.Transaction([Forge.Input(s_somewhere), Forge.Input(s_somewhere)], [Forge.Output(1)])),
            "bad-txns-inputs-duplicate");
    }

    [Test]
    public void Transaction_that_spends_nothing_beside_something()
    {
        Transaction transaction = Forge.Transaction(
            [Forge.Input(s_somewhere), Forge.Input(new OutPoint(uint256.Zero, uint.MaxValue))], [Forge.Output(1)]);

        Refused(Forge.With(_good, _good.Transactions[0], transaction), "bad-txns-prevout-null");
    }

    [Test]
    public void Transaction_that_makes_more_than_it_spends()
    {
        Refused(WithBare(Forge.Spend(Forge.CoinbaseAt(_chain, 1), (50 * Money.COIN) + 1)), "bad-txns-in-belowout");
    }

    [Test]
    public void Coinbase_spent_too_early()
    {
        Refused(WithBare(Forge.Spend(Forge.CoinbaseAt(_chain, 5))), "bad-txns-premature-spend-of-coinbase");
        Accepted(WithBare(Forge.Spend(Forge.CoinbaseAt(_chain, 4))));
    }

    [Test]
    public void Script_that_is_not_met()
    {
        Transaction transaction = Forge.Spend(Forge.CoinbaseAt(_chain, 1));
        transaction.Inputs[0].ScriptSig = new Script(OpcodeType.OP_RETURN);

        Refused(WithBare(transaction), "block-script-verify-flag-failed (OP_RETURN was encountered)");
    }

    [Test]
    public void Transaction_whose_lock_time_has_not_passed()
    {
        Refused(
            Forge.With(_good, _good.Transactions[0], Forge.Spend(s_somewhere, lockTime: 104, sequence: 0)),
            "bad-txns-nonfinal");
        Accepted(WithBare(Forge.Spend(Forge.CoinbaseAt(_chain, 1), lockTime: 104)));
    }

    [Test]
    public void Transaction_whose_relative_lock_time_has_not_passed()
    {
        Transaction early = Forge.Spend(Forge.CoinbaseAt(_chain, 1), sequence: 104);
        Transaction late = Forge.Spend(Forge.CoinbaseAt(_chain, 1), sequence: 103);
        (early.Version, late.Version) = (2, 2);

        Refused(WithBare(early), "bad-txns-nonfinal");
        Accepted(WithBare(late));
    }

    [Test]
    public void Witnesses_that_the_coinbase_does_not_commit_to()
    {
        Transaction bare = _good.Transactions[0].Clone();
        bare.Outputs.RemoveAt(1);
        Transaction carrier = Forge.Spend(s_somewhere);
        carrier.Inputs[0].WitScript = new WitScript([[1]], @unsafe: true);
        Transaction silent = _good.Transactions[0].Clone();
        silent.Inputs[0].WitScript = WitScript.Empty;

        Refused(Forge.With(_good, bare), "unexpected-witness");
        Refused(Forge.With(_good, _good.Transactions[0], carrier), "bad-witness-merkle-match");
        Refused(Forge.With(_good, silent), "bad-witness-nonce-size");
    }

    /// <summary>A block with one more transaction and a coinbase that promises nothing about witnesses.</summary>
    private Block WithBare(Transaction transaction)
        => Forge.With(_good, Forge.WithoutCommitment(_good.Transactions[0]), transaction);

    private Block At(uint time)
        => Forge.Edit(_good, block => block.Header.BlockTime = DateTimeOffset.FromUnixTimeSeconds(time));

    private void Accepted(Block block)
    {
        Assert.That(_chain.AcceptBlock(block).Refusal, Is.Null);
        _good = block;
    }

    private void Refused(Block block, string reason)
        => Assert.That(_chain.AcceptBlock(block).Refusal?.Reason, Is.EqualTo(reason));
}
