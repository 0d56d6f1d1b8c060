using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class OrphanPoolTests
{
    private static readonly OutPoint s_first = new(uint256.One, 0);
    private static readonly OutPoint s_second = new(new uint256(2), 0);

    private readonly OrphanPool _pool = new();

    [Test]
    public void An_orphan_stays_while_one_who_told_of_it_is_here()
    {
        Transaction orphan = Spend(s_first);
        _pool.Add(orphan, 1);
        Assert.That(_pool.Announced(orphan.GetWitHash(), 2));
        Assert.That(_pool.Announced(uint256.Zero, 2), Is.False);

        Assert.That(_pool.All.Single().Peers, Is.EquivalentTo(new[] { 1L, 2L }));
        Assert.That((_pool.RemovePeer(1), _pool.RemovePeer(3)), Is.EqualTo((0, 0)));
        Assert.That(_pool.RemovePeer(2), Is.EqualTo(1));
        Assert.That(_pool.All, Is.Empty);
    }

    [Test]
    public void A_block_takes_out_what_it_has_and_what_it_spends_in_another_way()
    {
        _pool.Add(Spend(s_first), 1);
        _pool.Add(Spend(s_second), 1);
        Block block = Network.RegTest.Consensus.ConsensusFactory.CreateBlock();
        block.Transactions.Add(Spend(s_second, Money.Coins(2)));

        Assert.That(_pool.Remove(block), Is.EqualTo(1));
        Assert.That(_pool.All.Single().Transaction.Inputs[0].PrevOut, Is.EqualTo(s_first));
    }

    [Test]
    public void Children_are_taken_with_all_who_told_of_them_and_there_are_never_too_many()
    {
        for (int i = 0; i < 150; i++)
        {
            _pool.Add(Spend(new OutPoint(new uint256((ulong)i + 10), 0)), i);
        }

        Assert.That(_pool.All, Has.Count.EqualTo(100));
        (Transaction transaction, IReadOnlyList<long> peers) = _pool.All[0];
        Assert.That(_pool.TakeChildren(transaction.Inputs[0].PrevOut.Hash).Single().Peers, Is.EqualTo(peers));
        Assert.That(_pool.Contains(transaction.GetWitHash()), Is.False);
    }

    private static Transaction Spend(OutPoint from, Money? value = null)
    {
        Transaction transaction = Network.RegTest.CreateTransaction();
        transaction.Inputs.Add(from);
        transaction.Outputs.Add(value ?? Money.Coins(1), Script.Empty);
        return transaction;
    }
}
