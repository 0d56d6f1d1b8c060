using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class OrphanPoolTests
{
    private static readonly OutPoint s_first = new(uint256.One, 0);
    private static readonly OutPoint s_second = new(new uint256(2), 0);

    private OrphanPool _pool = new();

    [SetUp]
    public void Begin() => _pool = new OrphanPool();

    [Test]
    public void An_orphan_stays_while_one_who_told_of_it_is_here()
    {
        Transaction orphan = Spend(s_first);
        _pool.Add(orphan, 1);
        _pool.Add(orphan, 2);
        Assert.That((_pool.IsFrom(orphan.GetWitHash(), 2), _pool.IsFrom(uint256.Zero, 2)), Is.EqualTo((true, false)));

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
    public void Children_wait_for_one_of_those_who_told_of_them_when_their_parent_comes()
    {
        Transaction parent = Spend(s_first);
        Transaction child = Spend(new OutPoint(parent.GetHash(), 0));
        Transaction other = Spend(new OutPoint(parent.GetHash(), 1));
        _pool.Add(child, 1);
        _pool.Add(child, 2);
        _pool.Add(other, 1);
        Assert.That((_pool.TakeWaiting(1), _pool.TakeWaiting(2)), Is.EqualTo(((Transaction?)null, (Transaction?)null)));

        _pool.ParentCame(parent);
        _pool.ParentCame(parent);

        // It spends an output that the parent does not have: only one waits, and the pool still has it.
        Transaction?[] taken = [_pool.TakeWaiting(1), _pool.TakeWaiting(2), _pool.TakeWaiting(1), _pool.TakeWaiting(2)];
        Assert.That(taken.OfType<Transaction>().Single().GetHash(), Is.EqualTo(child.GetHash()));
        Assert.That(_pool.Remove(child.GetWitHash()) && !_pool.Contains(child.GetWitHash()));
    }

    [Test]
    public void What_a_peer_was_to_look_at_another_one_does_when_it_goes()
    {
        Transaction parent = Spend(s_first);
        Transaction child = Spend(new OutPoint(parent.GetHash(), 0));
        _pool.Add(child, 1);
        _pool.ParentCame(parent);
        _pool.Add(child, 2);

        _pool.RemovePeer(1);

        Assert.That(_pool.TakeWaiting(2), Is.Not.Null);
    }

    [Test]
    public void The_newest_child_of_a_peer_comes_first()
    {
        Transaction parent = Spend(s_first);
        Transaction[] children =
            [
                .. Enumerable.Range(1, 3).Select(i => Spend(new OutPoint(parent.GetHash(), 0), Money.Coins(i))),
            ];
        _pool.Add(children[0], 1);
        _pool.Add(children[1], 2);
        _pool.Add(children[2], 1);

        Assert.That(_pool.ChildrenFrom(parent, 1), Is.EqualTo(new[] { children[2], children[0] }));
    }

    [Test]
    public void A_peer_that_sends_too_much_loses_its_own_and_nobody_elses()
    {
        Transaction small = Spend(new OutPoint(uint256.Zero, 7));
        _pool.Add(small, 1);
        for (int i = 0; i < 4000; i++)
        {
            _pool.Add(Spend(new OutPoint(new uint256((ulong)i + 10), 0)), 2);
        }

        Assert.That(_pool.All, Has.Count.LessThanOrEqualTo(3000));
        Assert.That(_pool.Contains(small.GetWitHash()));
        Assert.That(_pool.Contains(Spend(new OutPoint(new uint256(10), 0)).GetWitHash()), Is.False, "the oldest goes");
    }

    [Test]
    public void Heavy_orphans_are_bounded_by_weight()
    {
        for (int i = 0; i < 20; i++)
        {
            Transaction heavy = Spend(new OutPoint(new uint256((ulong)i + 10), 0));
            heavy.Outputs[0].ScriptPubKey = new Script(new byte[20_000]);
            _pool.Add(heavy, 1);
        }

        // 80,000 each, of 404,000.
        Assert.That(_pool.All, Has.Count.EqualTo(5));
    }

    private static Transaction Spend(OutPoint from, Money? value = null)
    {
        Transaction transaction = Network.RegTest.CreateTransaction();
        transaction.Inputs.Add(from);
        transaction.Outputs.Add(value ?? Money.Coins(1), Script.Empty);
        return transaction;
    }
}
