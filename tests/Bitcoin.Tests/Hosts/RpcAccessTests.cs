using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Rpc;

namespace Bitcoin.Tests;

internal sealed class RpcAccessTests
{
    private static readonly string[] s_two = ["getblockcount", "stop"];

    [TestCase("1.2.3.4", "1.2.3.4", true)]
    [TestCase("1.2.3.4", "1.2.3.5", false)]
    [TestCase("1.2.3.0/24", "1.2.3.255", true)]
    [TestCase("1.2.3.0/24", "1.2.4.0", false)]
    [TestCase("1.2.3.0/255.255.255.0", "1.2.3.9", true)]
    [TestCase("0.0.0.0/0", "9.9.9.9", true)]
    [TestCase("0.0.0.0/0", "2001::1", false)]
    [TestCase("::/0", "2001::1", true)]
    [TestCase("2001:db8::/33", "2001:db8:7fff::1", true)]
    [TestCase("2001:db8::/33", "2001:db8:8000::1", false)]
    [TestCase("1.2.3.4", "::ffff:1.2.3.4", true)]
    [TestCase("1.2.3.4", "127.0.0.1", true)]
    public void A_client_is_served_from_its_network_and_from_here(string allowed, string client, bool isServed)
    {
        Assert.That(IpAllowList.From([allowed]).Contains(IPAddress.Parse(client)), Is.EqualTo(isServed));
    }

    [TestCase("")]
    [TestCase("1.2.3")]
    [TestCase("1.2.3.4/33")]
    [TestCase("1.2.3.4/-1")]
    [TestCase("1.2.3.4/255.0.255.0")]
    [TestCase("1.2.3.4/::1")]
    [TestCase("1.2.3.4/8/8")]
    [TestCase("localhost")]
    public void What_is_no_network_is_an_error(string text)
    {
        Assert.That(
            () => IpAllowList.From([text]),
            Throws.TypeOf<HostException>().With.Message.StartsWith(
                $"Invalid -rpcallowip subnet specification: {text}. "));
    }

    [TestCase("ann", null)]
    [TestCase("bob", "stop")]
    [TestCase("cid", "getblockcount")]
    [TestCase("dan", "getblockcount")]
    [TestCase("eve", "")]
    public void A_user_may_call_what_all_of_its_lists_have(string user, string? forbidden)
    {
        RpcWhitelist list = RpcWhitelist.From(
            ["ann:getblockcount,stop,", "bob:getblockcount, stop", "bob:getblockcount", "cid:", "dan"], isClosed: null);

        Assert.That(list.FirstForbidden(user, s_two), Is.EqualTo(forbidden));
    }

    [Test]
    public void Users_without_a_list_may_call_everything_unless_somebody_has_one()
    {
        Assert.That(RpcWhitelist.From([], isClosed: null).FirstForbidden("ann", s_two), Is.Null);
        Assert.That(RpcWhitelist.From(["bob:stop"], isClosed: false).FirstForbidden("ann", s_two), Is.Null);
        Assert.That(RpcWhitelist.From([], isClosed: true).FirstForbidden("ann", s_two), Is.Empty);
    }

    [Test]
    public void Of_a_name_that_stands_twice_the_first_value_is_found_and_the_second_is_told()
    {
        JsonObject map = JsonReading.Parse("""{"a":1,"b":[{"c":null,"c":"x"}],"a":2.50}"""u8, maxDepth: 8)!.AsObject();

        Assert.That(map["a"]!.ToJsonString(), Is.EqualTo("1"));
        Assert.That(
            map.Select(static pair => (JsonReading.NameOf(pair.Key), JsonReading.IsRepeated(pair.Key))),
            Is.EqualTo(new[] { ("a", false), ("b", false), ("a", true) }));
        Assert.That(map.Last().Value!.ToJsonString(), Is.EqualTo("2.50"));
        Assert.That(
            map["b"]![0]!.AsObject().Select(static pair => JsonReading.NameOf(pair.Key)),
            Is.EqualTo(new[] { "c", "c" }));
    }

    [TestCase("""{"a":1,"a":2} 3""")]
    [TestCase("""{"a":1,"a":2""")]
    [TestCase("""{"a":1,"a":}""")]
    [TestCase("")]
    public void What_is_no_JSON_is_refused_with_names_twice_as_without(string text)
    {
        Assert.That(
            () => JsonReading.Parse(Encoding.UTF8.GetBytes(text), maxDepth: 8), Throws.InstanceOf<JsonException>());
    }
}
