using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class MerkleTreeTests
{
    [Test]
    public void An_odd_level_repeats_its_last_hash()
    {
        Hash256[] leaves = Leaves(3);

        Hash256 root = MerkleTree.ComputeRoot(leaves, out bool mutated);

        Assert.That(root, Is.EqualTo(Hash256.Combine(Hash256.Combine(leaves[0], leaves[1]), Hash256.Combine(leaves[2], leaves[2]))));
        Assert.That(mutated, Is.False);
    }

    [TestCase(3)]
    [TestCase(5)]
    [TestCase(6)]
    [TestCase(7)]
    public void Writing_the_repetition_out_keeps_the_root_and_is_noticed(int count)
    {
        Hash256[] honest = Leaves(count);
        Hash256[] forged = count == 6 ? [.. honest, honest[4], honest[5]] : [.. honest, honest[^1]];

        Hash256 root = MerkleTree.ComputeRoot(honest, out bool honestMutated);
        Hash256 forgedRoot = MerkleTree.ComputeRoot(forged, out bool forgedMutated);

        Assert.That(forgedRoot, Is.EqualTo(root));
        Assert.That(honestMutated, Is.False);
        Assert.That(forgedMutated, Is.True);
    }

    [Test]
    public void One_hash_is_its_own_root_and_none_has_zero()
    {
        Assert.That(MerkleTree.ComputeRoot(Leaves(1), out _), Is.EqualTo(Leaves(1)[0]));
        Assert.That(MerkleTree.ComputeRoot([], out _), Is.EqualTo(Hash256.Zero));
    }

    private static Hash256[] Leaves(int count) => [.. Enumerable.Range(0, count).Select(static i => Hash256.Compute([(byte)i]))];
}
