using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class MusigTests
{
    private static readonly ExtKey[] s_keys = [.. Enumerable.Range(1, 3).Select(
        static number => ExtKey.CreateFromSeed([.. new byte[31], (byte)number]))];

    [Test]
    public void Keys_are_aggregated_as_the_specification_says()
    {
        PubKey[] keys =
            [
                new("02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9"),
                new("03dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659"),
                new("023590a94e768f8e1815c2f24b4d80a8e3149316c3518ce7b7ad338368d038ca66"),
            ];

        Assert.That(
            MusigKeys.Aggregate(keys).ToHex()[2..],
            Is.EqualTo("90539eede565f5d054f32cc0c220126889ed1e5d193baf15aef344fe59d4610c"), "vector of BIP327");
        Assert.That(MusigKeys.Sort(keys)[0], Is.EqualTo(keys[2]));
    }

    [TestCase("rawtr(musig(A/0/*,B/1/*,C/2/*))")]
    [TestCase("tr(musig(A/0/*,B/1/*,C/2/*))")]
    [TestCase("rawtr(musig(A,B,C)/0/*)")]
    [TestCase("tr(musig(A,B,C)/0/*)")]
    [TestCase("tr(musig(A,B,C))")]
    public void All_participants_together_sign_for_the_output(string text)
    {
        Descriptor descriptor = Parse(text);
        Descriptor secret = Parse(text, isSecret: true);
        const uint Index = 5;
        uint256 digest = new(Enumerable.Repeat((byte)9, 32).ToArray());
        byte[] output = descriptor.Expand(Index).Single().ToBytes()[2..];
        KeyExpression key = descriptor.Keys.Single(static one => one.IsAggregate);
        TaprootSpending? spending = descriptor.TaprootSpending(Index);
        PubKey[] participants = key.ParticipantKeys(Index)!;

        MusigSession session = MusigSession.For(
            key.Derive(Index)!.ToBytes()[1..],
            [(MusigKeys.Aggregate(participants), participants)],
            _ => key.Origin(Index),
            spending?.Internal.ComputeTapTweak(null)).Single();
        Dictionary<PubKey, Key> secrets = secret.Keys.Where(static one => !one.IsAggregate).ToDictionary(
            one => one.Derive(Index)!, one => one.DeriveSecret(Index)!);
        Dictionary<PubKey, MusigNonce> own = secrets.ToDictionary(
            static pair => pair.Key, pair => session.NewNonce(pair.Value, digest));
        Dictionary<PubKey, byte[]> nonces = own.ToDictionary(
            static pair => pair.Key, static pair => (byte[])[.. pair.Value.Public]);
        Dictionary<PubKey, byte[]> parts = secrets.ToDictionary(
            static pair => pair.Key, pair => session.Sign(pair.Value, own[pair.Key], digest, nonces)!);
        byte[] signature = session.Aggregate(digest, nonces, parts)!;

        Assert.That(session.Signed.ToBytes()[1..], Is.EqualTo(output));
        Assert.That(new TaprootPubKey(output).VerifySignature(digest.ToBytes(), new(signature)), Is.True);
        parts.Remove(participants[0]);
        Assert.That(session.Aggregate(digest, nonces, parts), Is.Null, "one part is missing");
    }

    [Test]
    public void The_text_keeps_participants_and_path()
    {
        const string Text = "tr(musig(A,B,C)/0/*,pk(musig(A,C)/1/*))";

        Descriptor descriptor = Parse(Text);

        Assert.That(descriptor.ToString(), Is.EqualTo(WithKeys(Text, isSecret: false)));
        Assert.That(descriptor.IsRange, Is.True);
        Assert.That(descriptor.Expand(0).Single(), Is.Not.EqualTo(descriptor.Expand(1).Single()));
        Assert.That(descriptor.Keys.Count(), Is.EqualTo(7), "five participants and two that are aggregated");
    }

    [TestCase("wpkh(musig(A,B))", "wpkh(): musig() is only allowed in tr() and rawtr()")]
    [TestCase("tr(musig())", "tr(): musig(): Must contain key expressions")]
    [TestCase(
        "tr(musig(A/*,B)/0)", "tr(): musig(): Cannot have ranged participant keys if musig() also has derivation")]
    [TestCase("tr(musig(A,B)/0h)", "tr(): musig(): cannot have hardened derivation steps")]
    [TestCase("tr(musig(A,B)/*h)", "tr(): musig(): Cannot have hardened child derivation")]
    [TestCase("tr(musig(A,musig(B,C)))", "tr(): Too many ')' in musig() expression")]
    [TestCase(
        "tr(musig(A,02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9)/0)",
        "tr(): musig(): derivation requires all participants to be xpubs or xprvs")]
    [TestCase(
        "tr(musig(A/<0;1>/*,B)/<2;3>)",
        "musig(): Cannot have multipath participant keys if musig() is also multipath")]
    public void What_cannot_be_aggregated_is_refused(string text, string reason)
    {
        bool isParsed = Descriptor.TryParseAll(
            WithKeys(text, isSecret: false), BitcoinNetworks.Regtest, false, out _, out string error);

        Assert.That((isParsed, error), Is.EqualTo((false, reason)));
    }

    private static Descriptor Parse(string text, bool isSecret = false)
    {
        Assert.That(
            Descriptor.TryParse(
                WithKeys(text, isSecret), BitcoinNetworks.Regtest, false, out Descriptor? descriptor, out string error),
            Is.True,
            error);
        return descriptor!;
    }

    private static string WithKeys(string text, bool isSecret)
    {
        return string.Concat(text.Select(letter => letter is < 'A' or > 'C' ? letter.ToString()
            : isSecret ? s_keys[letter - 'A'].ToString(BitcoinNetworks.Regtest.Network)
            : s_keys[letter - 'A'].Neuter().ToString(BitcoinNetworks.Regtest.Network)));
    }
}
