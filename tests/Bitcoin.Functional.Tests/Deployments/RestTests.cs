using System.Net;
using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class RestTests(string program) : DeploymentTest(program)
{
    private const string Formats = "output format not found (available: .bin, .hex, .json)";

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Host.Patience,
    };

    [Test]
    public void Public_data_is_served_in_each_form_without_a_password()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet", "-rest", "-txindex", "-blockfilterindex");
        string tip = rpc.Call("generatetoaddress", 3, Address)![2]!.ToString();
        WaitUntil(
            () => rpc.Call("getindexinfo")!.AsObject().All(index => index.Value!["synced"]!.GetValue<bool>()),
            "the indexes are not built");
        JsonNode block = rpc.Call("getblock", tip)!;
        string coinbase = block["tx"]![0]!.ToString();
        string raw = rpc.Text("getblock", tip, 0);

        Assert.That(Get($"block/{tip}.hex"), Is.EqualTo(raw));
        Assert.That(Convert.ToHexStringLower(Bytes($"block/{tip}.bin")), Is.EqualTo(raw));
        Assert.That(Json($"block/{tip}.json")["tx"]![0]!["txid"]!.ToString(), Is.EqualTo(coinbase));
        Assert.That(Json($"block/notxdetails/{tip}.json").ToJsonString(), Is.EqualTo(block.ToJsonString()));
        Assert.That(Get($"blockpart/{tip}.hex?offset=0&size=80"), Is.EqualTo(raw[..160]));
        Assert.That(Get($"headers/{tip}.hex?count=1"), Is.EqualTo(raw[..160]));
        Assert.That(Json($"headers/1/{tip}.json")[0]!["hash"]!.ToString(), Is.EqualTo(tip));
        Assert.That(Json($"tx/{coinbase}.json")["blockhash"]!.ToString(), Is.EqualTo(tip));
        Assert.That(Json("blockhashbyheight/3.json")["blockhash"]!.ToString(), Is.EqualTo(tip));
        Assert.That(Get("blockhashbyheight/3.hex"), Is.EqualTo(tip));
        Assert.That(
            Json($"blockfilter/basic/{tip}.json")["filter"]!.ToString(),
            Is.EqualTo(rpc.Call("getblockfilter", tip)!["filter"]!.ToString()));
        Assert.That(
            Json($"blockfilterheaders/basic/{tip}.json?count=1")[0]!.ToString(),
            Is.EqualTo(rpc.Call("getblockfilter", tip)!["header"]!.ToString()));
        Assert.That(Json("chaininfo.json")["bestblockhash"]!.ToString(), Is.EqualTo(tip));
        Assert.That(Json("deploymentinfo.json")["hash"]!.ToString(), Is.EqualTo(tip));
        Assert.That(Json($"deploymentinfo/{tip}.json")["hash"]!.ToString(), Is.EqualTo(tip));
        Assert.That(Json("mempool/info.json")["size"]!.GetValue<int>(), Is.Zero);
        Assert.That(Json("mempool/contents.json").AsObject(), Is.Empty);
        JsonNode coins = Json($"getutxos/checkmempool/{coinbase}-0/{coinbase}-7.json");
        Assert.That((coins["bitmap"]!.ToString(), coins["utxos"]!.AsArray().Count), Is.EqualTo(("10", 1)));
        Assert.That(Json($"spenttxouts/{tip}.json").ToJsonString(), Is.EqualTo("[[]]"));
        Stop(node);
    }

    [Test]
    public void What_cannot_be_answered_is_said_as_text()
    {
        const string Nobody = "0000000000000000000000000000000000000000000000000000000000000001";
        Run(out Host node, "-disablewallet", "-rest");
        string genesis = Rpc().Text("getblockhash", 0);

        Assert.That(Fail("tx/abc.json"), Is.EqualTo((400, "Invalid hash: abc")));
        Assert.That(Fail($"tx/{Nobody}.json"), Is.EqualTo((404, $"{Nobody} not found")));
        Assert.That(Fail($"block/{genesis}%.json"), Is.EqualTo((400, $"Invalid hash: {genesis}%")));
        Assert.That(Fail($"block/{genesis}.xml"), Is.EqualTo((400, $"Invalid hash: {genesis}.xml")));
        Assert.That(Fail($"block/{genesis}"), Is.EqualTo((404, Formats)));
        Assert.That(
            Fail($"blockpart/{genesis}.bin?offset=0&size=100000"),
            Is.EqualTo((400, $"Bad block part offset/size 0/100000 for {genesis}")));
        Assert.That(
            Fail($"blockpart/{genesis}.json?offset=0&size=1"),
            Is.EqualTo((400, "JSON output is not supported for this request type")));
        Assert.That(
            Fail($"headers/{genesis}.json?count=2001"),
            Is.EqualTo((400, "Header count is invalid or out of acceptable range (1-2000): 2001")));
        Assert.That(Fail("blockhashbyheight/-1.json"), Is.EqualTo((400, "Invalid height: -1")));
        Assert.That(Fail("blockhashbyheight/9.json"), Is.EqualTo((404, "Block height out of range")));
        Assert.That(
            Fail($"blockfilter/basic/{genesis}.json"), Is.EqualTo((400, "Index is not enabled for filtertype basic")));
        Assert.That(Fail("getutxos.json"), Is.EqualTo((400, "Error: empty request")));
        Assert.That(Fail("getutxos/abc-0.json"), Is.EqualTo((400, "Parse error")));
        Assert.That(
            Fail("mempool/all.json"),
            Is.EqualTo((400, "Invalid URI format. Expected /rest/mempool/<info|contents>.json")));
        Assert.That(Fail("nothing.json").Status, Is.EqualTo(404));
        Stop(node);
    }

    [Test]
    public void Without_the_option_nothing_is_served()
    {
        Run(out Host node, "-disablewallet");

        Assert.That(Fail("chaininfo.json").Status, Is.EqualTo(404));
        Stop(node);
    }

    private string Get(string path) => System.Text.Encoding.ASCII.GetString(Bytes(path)).TrimEnd('\n');

    private JsonNode Json(string path) => JsonNode.Parse(Bytes(path))!;

    private byte[] Bytes(string path)
    {
        using HttpResponseMessage response = Send(path);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        using MemoryStream body = new();
        response.Content.ReadAsStream().CopyTo(body);
        return body.ToArray();
    }

    private (int Status, string Text) Fail(string path)
    {
        using HttpResponseMessage response = Send(path);
        using StreamReader reader = new(response.Content.ReadAsStream());
        return ((int)response.StatusCode, reader.ReadToEnd().TrimEnd());
    }

    private HttpResponseMessage Send(string path)
    {
        // As it is written here: an address that is put right would not be the one that is tested.
        Uri address = new(
            $"http://127.0.0.1:{Port}/rest/{path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using HttpRequestMessage message = new(HttpMethod.Get, address);
        return s_http.Send(message);
    }
}
