using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class DescriptorTests
{
    private const string Parent =
        "tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B";

    [TestCase($"pkh({Parent}/1/<0;1>)", new[] { $"pkh({Parent}/1/0)", $"pkh({Parent}/1/1)" })]
    [TestCase(
        $"wpkh({Parent}/<0;1;2>/*)",
        new[] { $"wpkh({Parent}/0/*)", $"wpkh({Parent}/1/*)", $"wpkh({Parent}/2/*)" })]
    [TestCase(
        $"multi(1,{Parent}/<0;1>,{Parent}/<5;7>/3)",
        new[] { $"multi(1,{Parent}/0,{Parent}/5/3)", $"multi(1,{Parent}/1,{Parent}/7/3)" })]
    [TestCase($"wpkh({Parent}/0)", new[] { $"wpkh({Parent}/0)" })]
    public void Several_paths_stand_for_several_descriptors(string text, string[] expected)
    {
        Assert.That(
            Descriptor.TryParseAll(
                text,
                BitcoinNetworks.Regtest,
                needsChecksum: false,
                out IReadOnlyList<Descriptor> all,
                out string error),
            Is.True,
            error);
        Assert.That(all.Select(static one => one.ToString()), Is.EqualTo(expected));

        Script[] scripts =
            [
                .. expected.Select(
                    static one => Descriptor.TryParse(
                        one,
                        BitcoinNetworks.Regtest,
                        needsChecksum: false,
                        out Descriptor? single,
                        out _) ? single.Expand(4).First() : Script.Empty),
            ];
        Assert.That(all.Select(static one => one.Expand(4).First()), Is.EqualTo(scripts));
    }

    [TestCase($"wpkh({Parent}/<0>)", "Multipath key path specifiers must have at least two items")]
    [TestCase($"wpkh({Parent}/<0;1;0>)", "Duplicated key path value 0 in multipath specifier")]
    [TestCase($"wpkh({Parent}/<0h;0'>)", "Duplicated key path value 0' in multipath specifier")]
    [TestCase($"wpkh({Parent}/<0;1>/<2;3>)", "Multiple multipath key path specifiers found")]
    [TestCase($"multi(1,{Parent}/<0;1>,{Parent}/<2;3;4>)", "Multipath derivation paths have mismatched lengths")]
    [TestCase($"wpkh({Parent}/<0;1)", "wpkh(): Key path value '<0;1' is not a valid uint32")]
    [TestCase($"wpkh({Parent}/<0;>)", "wpkh(): Key path value '' is not a valid uint32")]
    public void Paths_that_are_none_are_refused(string text, string expected)
    {
        Assert.That(
            Descriptor.TryParseAll(text, BitcoinNetworks.Regtest, needsChecksum: false, out _, out string error),
            Is.False);
        Assert.That(error, Is.EqualTo(expected));
    }

    [Test]
    public void The_checksum_is_that_of_the_text_as_it_was_given()
    {
        string text = $"wpkh({Parent}/<0;1>/*)";

        Assert.That(
            Descriptor.TryParseAll(
                DescriptorChecksum.Append(text),
                BitcoinNetworks.Regtest,
                needsChecksum: true,
                out IReadOnlyList<Descriptor> all,
                out _),
            Is.True);
        Assert.That(all, Has.Count.EqualTo(2));
        Assert.That(
            Descriptor.TryParse(text, BitcoinNetworks.Regtest, needsChecksum: false, out _, out string error),
            Is.False);
        Assert.That(error, Is.EqualTo("Multipath descriptor not accepted"));
    }
}
