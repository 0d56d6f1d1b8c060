using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class MuHashTests
{
    private static readonly byte[][] s_elements =
        [
            .. Enumerable.Range(0, 12).Select(static i => new byte[] { (byte)i, 7, (byte)(i * i) }),
        ];

    [Test]
    public void The_hash_of_nothing_is_the_known_one()
    {
        Assert.That(
            new MuHash().Hash().ToString(),
            Is.EqualTo("dd5ad2a105c2d29495f577245c357409002329b9f4d6182c0af3dc2f462555c8"));
    }

    [Test]
    public void Order_is_of_no_account_and_what_is_taken_out_was_never_in([Range(0, 9)] int seed)
    {
        MuHash plain = new();
        foreach (byte[] element in s_elements[..6])
        {
            plain.Insert(element);
        }

        MuHash mixed = new();
        Random random = new(seed);
        (byte[] Element, bool IsIn)[] steps =
            [
                .. s_elements.Select(static element => (element, true)),
                .. s_elements[6..].Select(static element => (element, false)),
            ];
        random.Shuffle(steps);
        foreach ((byte[] element, bool isIn) in steps)
        {
            if (isIn)
            {
                mixed.Insert(element);
            }
            else
            {
                mixed.Remove(element);
            }

            mixed = MuHash.Load(mixed.Save());
        }

        Assert.That(mixed.Hash(), Is.EqualTo(plain.Hash()));
    }

    [TestCase(0)]
    [TestCase(383)]
    [TestCase(385)]
    [TestCase(384)]
    public void Bytes_that_are_no_set_are_refused(int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(255);

        Assert.That(() => MuHash.Load(bytes), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => MuHash.Load(new byte[384]), Throws.InstanceOf<InvalidDataException>(), "zero is no product");
    }
}
