using System.Numerics;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class HashTests
{
    private const string Displayed = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

    [Test]
    public void A_hash_is_displayed_with_its_bytes_reversed()
    {
        Hash256 hash = Hash256.Parse(Displayed);

        Assert.That(hash.ToString(), Is.EqualTo(Displayed));
        Assert.That(hash.ToArray()[0], Is.EqualTo(0x6f));
        Assert.That(hash.ToArray()[^1], Is.Zero);
        Assert.That(new Hash256(hash.ToArray()), Is.EqualTo(hash));
    }

    [Test]
    public void Two_rounds_of_SHA_256_of_nothing_are_known()
    {
        string hex = Convert.ToHexStringLower(Hash256.Compute([]).ToArray());

        Assert.That(hex, Is.EqualTo("5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456"));
    }

    [TestCase("")]
    [TestCase("00")]
    [TestCase("00000000001 d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")]
    [TestCase("g00000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")]
    public void Text_that_is_not_64_hexadecimal_digits_is_refused_and_quoted(string text)
    {
        FormatException? error = Assert.Throws<FormatException>(() => Hash256.Parse(text));

        Assert.That(error!.Message, Does.Contain("expected 64 hexadecimal digits").And.Contain($"came '{text}'"));
    }

    [Test]
    public void Numbers_compare_by_their_most_significant_word_first()
    {
        UInt256 low = UInt256.FromBigInteger((BigInteger.One << 192) - 1);
        UInt256 high = UInt256.FromBigInteger(BigInteger.One << 192);

        Assert.That(low < high, Is.True);
        Assert.That(high.ToBigInteger(), Is.EqualTo(BigInteger.One << 192));
        Assert.That(low.ToString(), Is.EqualTo(new string('0', 16) + new string('f', 48)));
    }

    [TestCase(-1, 0)]
    [TestCase(1, 256)]
    public void A_number_outside_256_bits_is_refused(int mantissa, int shift)
    {
        Assert.Throws<OverflowException>(() => UInt256.FromBigInteger(new BigInteger(mantissa) << shift));
    }
}
