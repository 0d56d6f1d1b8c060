using System.Numerics;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class CompactTargetTests
{
    [TestCase(0x1d00ffffu, "ffff", 26 * 8)]
    [TestCase(0x207fffffu, "7fffff", 29 * 8)]
    [TestCase(0x1b0404cbu, "0404cb", 24 * 8)]
    [TestCase(0x03123456u, "123456", 0)]
    [TestCase(0x04123456u, "123456", 8)]
    [TestCase(0x02008000u, "80", 0)]
    [TestCase(0x01120000u, "12", 0)]
    public void Bits_expand_to_a_target_and_come_back(uint bits, string mantissa, int shift)
    {
        CompactTarget compact = new(bits);

        Assert.That(compact.TryExpand(out UInt256 target), Is.True);
        Assert.That(target.ToBigInteger(), Is.EqualTo(new BigInteger(Convert.FromHexString(mantissa), isUnsigned: true, isBigEndian: true) << shift));
        Assert.That(CompactTarget.FromTarget(target), Is.EqualTo(compact));
    }

    [TestCase(0x04923456u, TestName = "Negative_target_is_no_target")]
    [TestCase(0x1d80ffffu, TestName = "Negative_large_target_is_no_target")]
    [TestCase(0xff123456u, TestName = "Target_of_255_bytes_is_no_target")]
    [TestCase(0x21010000u, TestName = "Target_of_just_over_256_bits_is_no_target")]
    [TestCase(0x22000100u, TestName = "Target_of_just_over_256_bits_in_another_form_is_no_target")]
    public void Unusable(uint bits)
    {
        Assert.That(new CompactTarget(bits).TryExpand(out _), Is.False);
        Assert.That(new CompactTarget(bits).Work(), Is.EqualTo(BigInteger.Zero));
    }

    [Test]
    public void Zero_is_a_target_that_no_hash_meets_and_no_work()
    {
        CompactTarget compact = new(0x01003456);

        Assert.That(compact.TryExpand(out UInt256 target), Is.True);
        Assert.That(target.IsZero, Is.True);
        Assert.That(compact.Work(), Is.EqualTo(BigInteger.Zero));
    }

    [Test]
    public void The_top_bit_of_the_mantissa_is_kept_free()
    {
        Assert.That(CompactTarget.FromTarget(UInt256.FromBigInteger(0x80)), Is.EqualTo(new CompactTarget(0x02008000)));
    }

    [TestCase(0x1d00ffffu, 0x1_0001_0001)]
    [TestCase(0x207fffffu, 2)]
    public void Work_is_the_average_number_of_hashes(uint bits, long work)
    {
        Assert.That(new CompactTarget(bits).Work(), Is.EqualTo(new BigInteger(work)));
    }
}
