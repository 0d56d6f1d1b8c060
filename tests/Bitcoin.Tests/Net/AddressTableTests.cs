using System.Net;
using Bitcoin.Hosting;
using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class AddressTableTests
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    private const string I2p = "c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p";
    private const long Now = 1_700_000_000;
    private const ulong Services = 9;

    private readonly ManualClock _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));

    [TestCase("1.2.3.4", "ipv4", "010102", false)]
    [TestCase("10.0.0.1", "not_publicly_routable", "00", false)]
    [TestCase("2803:0:1234:abcd::1", "ipv6", "0228030000", false)]
    [TestCase("2001:470:1f00::1", "ipv6", "02200104701f", false)]
    [TestCase("2002:102:304::1", "ipv6", "010102", false)]
    [TestCase("fc00:1::2", "not_publicly_routable", "00", false)]
    [TestCase("fc00:1::2", "cjdns", "05fc0f", true)]
    [TestCase(Onion, "onion", "037f", false)]
    [TestCase(I2p, "i2p", "041f", false)]
    public void An_address_of_any_network_is_read_grouped_and_written(
        string host, string network, string group, bool hasCjdns)
    {
        Assert.That(NetAddress.TryParse(host, 8333, hasCjdns, out NetAddress? address));
        Assert.That(address!.Network, Is.EqualTo(network));
        Assert.That(Convert.ToHexStringLower(address.Group)[..2], Is.EqualTo(group[..2]));

        WireWriter writer = new();
        address.Write(writer, hasPort: true);
        WireReader reader = new(writer.ToArray());

        Assert.That(NetAddress.Read(ref reader, hasPort: true), Is.EqualTo(address));
        Assert.That(reader.Left, Is.Zero);
    }

    [TestCase("")]
    [TestCase("node.example")]
    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrye.onion")]
    [TestCase("pg6mmjiy.onion")]
    [TestCase("!!!.b32.i2p")]
    public void What_is_no_address_is_refused(string host)
    {
        Assert.That(NetAddress.TryParse(host, 1, hasCjdns: false, out _), Is.False);
    }

    [Test]
    public void An_address_of_the_wrong_length_is_malformed_and_one_of_an_unknown_network_is_skipped()
    {
        Assert.That(
            () => Read([1, 5, 1, 2, 3, 4, 5, 0, 1]),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("BIP155 IPv4 address with length 5 (should be 4)"));
        Assert.That(
            () => Read([4, 0xfd, 1, 2]),
            Throws.TypeOf<FormatException>().With.Message.Contains("Address too long: 513 > 512"));
        Assert.That(Read([99, 2, 1, 2, 0, 1]), Is.Null);

        static NetAddress? Read(byte[] bytes)
        {
            WireReader reader = new(bytes);
            return NetAddress.Read(ref reader, hasPort: true);
        }
    }

    [Test]
    public void An_address_is_new_until_it_answers_and_survives_a_file()
    {
        AddressBook book = new(_clock, static _ => { }, checks: 1);
        NetAddress source = Address("9.9.9.9");
        Assert.That(
            book.Add(
                [
                    (Address("1.2.3.4"), Services, Now),
                    (Address("8.8.8.8"), Services, Now),
                    (Address("10.0.0.1"), Services, Now)
                ],
                source),
            Is.EqualTo(2));
        Assert.That(book.Good(Address("1.2.3.4")));
        Assert.That(book.Good(Address("1.2.3.4")), Is.False);

        AddressBook read = AddressFile.Read(
            AddressFile.Write(book, BitcoinNetworks.Regtest),
            BitcoinNetworks.Regtest,
            static _ => { },
            key => new AddressBook(_clock, static _ => { }, key, checks: 1));

        Assert.That(read.Counts(null), Is.EqualTo((1, 1)));
        Assert.That(
            read.Table(isTried: true).Select(static place => (place.Bucket, place.Position, place.Entry.Address)),
            Is.EqualTo(
                book.Table(isTried: true).Select(static place => (place.Bucket, place.Position, place.Entry.Address))));
        Assert.That(
            read.Table(isTried: false).Select(static place => (place.Bucket, place.Position, place.Entry.Address)),
            Is.EqualTo(
                book.Table(isTried: false).Select(
                    static place => (place.Bucket, place.Position, place.Entry.Address))));
        Assert.That(read.Table(isTried: false).Single().Entry.Source, Is.EqualTo(source with { Port = 0 }));
    }

    [Test]
    public void One_source_fills_few_buckets()
    {
        AddressBook book = new(_clock, static _ => { }, uint256.One);
        NetAddress source = Address("9.9.9.9");

        book.Add(
            [
                .. Enumerable.Range(0, 20_000)
                    .Select(static i => (Address($"{(i % 200) + 11}.{i / 200}.{i % 7}.1"), Services, Now))
            ],
            source);

        Assert.That(
            book.Table(isTried: false).Select(static place => place.Bucket).Distinct().Count(), Is.InRange(50, 64));
    }

    [Test]
    public void An_address_whose_place_is_taken_waits_for_the_other_to_fail()
    {
        AddressBook book = new(_clock, static _ => { }, uint256.One);
        foreach (string host in (string[])["1.2.3.4", "1.2.5.45"])
        {
            book.Add([(Address(host), Services, Now)], Address(host));
        }

        Assert.That(book.Good(Address("1.2.3.4")));
        Assert.That(book.Good(Address("1.2.5.45")), Is.False);
        Assert.That(book.PickCollision(), Is.Null, "the other answered a moment ago");

        book.Good(Address("1.2.5.45"));
        _clock.Now += TimeSpan.FromHours(5);
        book.Attempt(Address("1.2.3.4"), countsFailure: true);
        Assert.That(book.PickCollision()?.Address, Is.EqualTo(Address("1.2.3.4")));
        _clock.Now += TimeSpan.FromMinutes(2);
        Assert.That(book.PickCollision(), Is.Null);
        Assert.That(book.Table(isTried: true).Single().Entry.Address, Is.EqualTo(Address("1.2.5.45")));
    }

    [Test]
    public void A_damaged_file_is_told_apart()
    {
        byte[] good = AddressFile.Write(new AddressBook(_clock, static _ => { }), BitcoinNetworks.Regtest);
        Assert.That(
            () => Read(good[..^1]),
            Throws.TypeOf<FormatException>().With.Message.StartsWith("AutoFile::read: end of file"));
        Assert.That(
            () => Read([.. good[..^1], (byte)(good[^1] ^ 1)]),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("Checksum mismatch, data corrupted"));
        Assert.That(
            () => Read([0, .. good[1..]]),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("Invalid network magic number"));
        Assert.That(() => Read([.. good[..5], 200, .. good[6..]]), Throws.TypeOf<NotSupportedException>());

        void Read(byte[] bytes)
            => AddressFile.Read(
                bytes, BitcoinNetworks.Regtest, static _ => { }, key => new AddressBook(_clock, static _ => { }, key));
    }

    [TestCase("1.2.3.4", "1.2.3.4/32")]
    [TestCase("1.2.3.4/24", "1.2.3.0/24")]
    [TestCase("1.2.3.4/255.255.0.0", "1.2.0.0/16")]
    [TestCase("2001:db8::1/32", "2001:db8::/32")]
    [TestCase(Onion, Onion)]
    [TestCase("1.2.3.4/33", null)]
    [TestCase("1.2.3.4/255.0.255.0", null)]
    [TestCase("nobody", null)]
    public void A_ban_is_for_a_network_or_an_address_of_another_kind(string text, string? target)
    {
        Assert.That(BanTarget.TryParse(text, out BanTarget? parsed) ? parsed.Text : null, Is.EqualTo(target));
    }

    [TestCase("1.2.3.4", "1.2.3.4", null, true)]
    [TestCase("1.2.3.4:5", "1.2.3.4", 5, true)]
    [TestCase("[::1]:5", "::1", 5, true)]
    [TestCase("::1", "::1", null, true)]
    [TestCase("a.b:0", "a.b", 0, false)]
    [TestCase("a.b:x", "a.b:x", null, false)]
    [TestCase("a.b:70000", "a.b:70000", null, false)]
    public void A_host_is_taken_apart_from_its_port(string text, string host, int? port, bool isGood)
    {
        Assert.That(HostPort.TrySplit(text, out string gotHost, out int? gotPort), Is.EqualTo(isGood));
        Assert.That((gotHost, gotPort), Is.EqualTo((host, port)));
    }

    [TestCase("1", 1048576)]
    [TestCase("1k", 1000)]
    [TestCase("2K", 2048)]
    [TestCase("1G", 1L << 30)]
    [TestCase("", 0)]
    [TestCase("x", null)]
    [TestCase("-1", null)]
    [TestCase("9999999T", null)]
    public void A_number_of_bytes_has_a_unit(string text, long? bytes)
    {
        Assert.That(ByteText.Parse(text, 'M'), Is.EqualTo(bytes));
    }

    private static NetAddress Address(string host) => NetAddress.From(new IPEndPoint(IPAddress.Parse(host), 8333));
}
