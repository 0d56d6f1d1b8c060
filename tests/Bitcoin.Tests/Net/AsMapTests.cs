using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class AsMapTests
{
    private const string Return = "0";
    private const string Jump = "10";
    private const string Match = "110";
    private const string Default = "111";

    [TestCase("1.2.3.4", 9u)]
    [TestCase("2a00::1", 5u)]
    [TestCase("8000::1", 3u)]
    [TestCase("2002:102:304::1", 9u)]
    public void An_address_is_mapped_by_its_bits_and_an_embedded_one_by_that_of_version_4(string host, uint expected)
    {
        AsMap map = AsMap.Parse(Bytes(WithJump()))!;

        Assert.That(map.Find(Address(host)), Is.EqualTo(expected));
    }

    [Test]
    public void A_damaged_map_is_refused()
    {
        string code = WithJump();
        Assert.That(AsMap.Parse(Bytes(code)), Is.Not.Null);

        Assert.That(AsMap.Parse([]), Is.Null);
        Assert.That(AsMap.Parse(Bytes(code[..^20])), Is.Null, "an end without a number");
        Assert.That(AsMap.Parse([.. Bytes(code), 0]), Is.Null, "too much behind the end");
        Assert.That(AsMap.Parse(Bytes(Default + Number(1) + Default + Number(2) + Return + Number(1))), Is.Null);
        Assert.That(AsMap.Parse(Bytes(Jump + "0" + "11111" + Return + Number(1))), Is.Null, "a jump behind the end");
    }

    [Test]
    public void A_book_with_another_map_than_its_file_puts_new_addresses_into_the_buckets_of_its_own_groups()
    {
        ManualClock clock = Forge.Clock();
        NetGroups groups = NetGroups.By(AsMap.Parse(Bytes(WithJump()))!);
        AddressBook plain = new(clock, static _ => { }, uint256.One, checks: 1);
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        plain.Add([(Address("1.2.3.4"), 1, now), (Address("200.2.3.4"), 1, now)], Address("9.9.9.9"));
        Assert.That(plain.Counts(null), Is.EqualTo((2, 0)));

        AddressBook mapped = AddressFile.Read(
            AddressFile.Write(plain, BitcoinNetworks.Regtest),
            BitcoinNetworks.Regtest,
            static _ => { },
            key => new AddressBook(clock, static _ => { }, key, groups, checks: 1));

        Assert.That(
            mapped.Table(isTried: false).Select(static place => place.Bucket),
            Is.EquivalentTo(
                mapped.Table(isTried: false).Select(
                    place => place.Entry.NewBucket(mapped.Key, groups, place.Entry.Source))));
        Assert.That(groups.Of(Address("1.2.3.4")), Is.EqualTo(groups.Of(Address("200.2.3.4"))), "one operator");
        Assert.That(
            NetGroups.ByPrefix.Of(Address("1.2.3.4")), Is.Not.EqualTo(NetGroups.ByPrefix.Of(Address("200.2.3.4"))));
    }

    // If the first bit is one: 3. If the first eight bits are zero: 9. Otherwise 5. The jump goes over the part
    // between, whose length is its number, which begins at 17.
    private static string WithJump()
    {
        string skipped = Default + Number(5) + Match + "1111111" + "00000000" + Return + Number(9);
        int distance = skipped.Length - 17;
        (string ones, int bits) = distance < 32 ? ("0", 5) : ("10", 6);
        distance -= distance < 32 ? 0 : 32;
        return Jump + ones + Convert.ToString(distance, 2).PadLeft(bits, '0') + skipped + Return + Number(3);
    }

    // In the first class: 15 bits, from one on.
    private static string Number(int number) => "0" + Convert.ToString(number - 1, 2).PadLeft(15, '0');

    private static byte[] Bytes(string bits)
    {
        byte[] bytes = new byte[(bits.Length + 7) / 8];
        for (int i = 0; i < bits.Length; i++)
        {
            bytes[i / 8] |= (byte)((bits[i] - '0') << (i % 8));
        }

        return bytes;
    }

    private static NetAddress Address(string host)
    {
        Assert.That(NetAddress.TryParse(host, 8333, hasCjdns: false, out NetAddress? address), Is.True);
        return address!;
    }
}
