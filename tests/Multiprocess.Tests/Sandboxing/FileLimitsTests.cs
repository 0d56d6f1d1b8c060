using Multiprocess.Sandboxing;

namespace Multiprocess.Tests.Sandboxing;

/// <summary>What each version of Landlock is asked to limit.</summary>
public sealed class FileLimitsTests
{
    [TestCase(1, 0x1fffUL)]
    [TestCase(2, 0x3fffUL)]
    [TestCase(3, 0x7fffUL)]
    [TestCase(4, 0x7fffUL, 3UL)]
    [TestCase(5, 0xffffUL, 3UL)]
    [TestCase(6, 0xffffUL, 3UL, 3UL)]
    [TestCase(7, 0xffffUL, 3UL, 3UL)]
    [TestCase(99, 0xffffUL, 3UL, 3UL)]
    public void A_kernel_is_asked_only_for_what_it_knows(int version, params ulong[] attributes)
        => Assert.That(FileRules.Attributes(version), Is.EqualTo(attributes));
}
