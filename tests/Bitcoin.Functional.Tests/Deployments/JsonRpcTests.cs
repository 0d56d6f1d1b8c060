using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text;
using Bitcoin.Functional.Support;
using NBitcoin;

namespace Bitcoin.Functional.Deployments;

internal sealed class JsonRpcTests(string program) : DeploymentTest(program)
{
    private readonly string _program = program;

    [Test]
    public void Members_of_options_are_described_for_clients()
    {
        RpcClient rpc = Run(out Host node);

        string conversions = rpc.Call("help", "dump_all_command_conversions")!.ToJsonString();
        JsonNode document = rpc.Call("getopenrpcinfo")!;
        JsonNode whole = rpc.Call("getopenrpcinfo", true)!;

        Assert.That(conversions, Does.Contain("[\"send\",4,\"fee_rate\",false]"));
        Assert.That(conversions, Does.Contain("[\"send\",4,\"estimate_mode\",true]"));
        Assert.That(conversions, Does.Contain("[\"gettxspendingprevout\",1,\"mempool_only\",false]"));
        Assert.That(rpc.Call("rpc.discover")!.ToJsonString(), Is.EqualTo(document.ToJsonString()));
        Assert.That(document["openrpc"]!.ToString(), Is.EqualTo("1.4.1"));
        Assert.That(Parameters(document, "stop"), Is.Empty, "the argument is for tests");
        Assert.That(Parameters(whole, "stop"), Is.EqualTo(new[] { "wait:number" }));
        Assert.That(Parameters(document, "getblockhash"), Is.EqualTo(new[] { "height:number" }));
        Assert.That(document.ToJsonString(), Does.Not.Contain("\"mockscheduler\""));
        Assert.That(whole.ToJsonString(), Does.Contain("\"mockscheduler\""));
        Stop(node);
    }

    private static IEnumerable<string> Parameters(JsonNode document, string method)
    {
        return document["methods"]!.AsArray().Single(one => one!["name"]!.ToString() == method)!["params"]!.AsArray()
            .Select(static one => $"{one!["name"]}:{one["schema"]!["type"]}");
    }

    [Test]
    public void Requests_of_both_versions_are_answered_as_Bitcoin_Core_does()
    {
        RpcClient rpc = Run(out Host node);

        AssertReply(rpc, """{"method":"getblockcount","id":7}""", 200, """{"result":0,"error":null,"id":7}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"1.0","method":"getblockcount","id":"a"}""",
            200,
            """{"result":0,"error":null,"id":"a"}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"2.0","method":"getblockcount","id":7}""",
            200,
            """{"jsonrpc":"2.0","result":0,"id":7}""");
        AssertReply(rpc, """{"jsonrpc":"2.0","method":"getblockcount"}""", 204, "");
        AssertReply(rpc, """{"jsonrpc":"2.0","method":"nothing"}""", 204, "");
        AssertReply(
            rpc,
            """{"jsonrpc":"2.0","method":"getblockcount","id":null}""",
            200,
            """{"jsonrpc":"2.0","result":0,"id":null}""");
        AssertReply(
            rpc,
            """{"method":"nothing","id":7}""",
            404,
            """{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":7}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"2.0","method":"nothing","id":7}""",
            200,
            """{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":7}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"2.1","method":"getblockcount","id":7}""",
            400,
            """{"result":null,"error":{"code":-32600,"message":"JSON-RPC version not supported"},"id":7}""");
        AssertReply(
            rpc,
            """{"jsonrpc":2,"method":"getblockcount","id":7}""",
            400,
            """{"result":null,"error":{"code":-32600,"message":"jsonrpc field must be a string"},"id":7}""");
        AssertReply(
            rpc, """{"id":7}""", 400, """{"result":null,"error":{"code":-32600,"message":"Missing method"},"id":7}""");
        AssertReply(
            rpc,
            """{"method":1,"id":7}""",
            400,
            """{"result":null,"error":{"code":-32600,"message":"Method must be a string"},"id":7}""");
        AssertReply(
            rpc,
            """{"method":"getblockcount","params":3,"id":7}""",
            400,
            """{"result":null,"error":{"code":-32600,"message":"Params must be an array or object"},"id":7}""");
        AssertReply(
            rpc,
            """{"method":"getblockhash","params":[1],"id":7}""",
            500,
            """{"result":null,"error":{"code":-8,"message":"Block height out of range"},"id":7}""");
        AssertReply(rpc, """{"method":"getblockcount"}""", 200, """{"result":0,"error":null}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"1.0","method":"nothing"}""",
            404,
            """{"result":null,"error":{"code":-32601,"message":"Method not found"}}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"2.0","method":7}""",
            400,
            """{"jsonrpc":"2.0","error":{"code":-32600,"message":"Method must be a string"}}""");
        AssertReply(
            rpc,
            """{"jsonrpc":"2.0","params":[],"id":7}""",
            400,
            """{"jsonrpc":"2.0","error":{"code":-32600,"message":"Missing method"},"id":7}""");
        AssertReply(
            rpc, "not json", 500, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""");
        AssertReply(
            rpc,
            "3",
            500,
            """{"result":null,"error":{"code":-32700,"message":"Top-level object parse error"},"id":null}""");
        Stop(node);
    }

    [Test]
    public void Batches_are_answered_in_order_and_notifications_among_them_are_not()
    {
        RpcClient rpc = Run(out Host node);

        AssertReply(
            rpc,
            """[{"jsonrpc":"2.0","method":"getblockcount","id":1},{"jsonrpc":"2.0","method":"echo","params":["x"]},{"method":"nothing","id":2},3]""",
            200,
            """[{"jsonrpc":"2.0","result":0,"id":1},{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":2},{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":2}]""");
        AssertReply(rpc, "[]", 200, "[]");
        AssertReply(rpc, """[{"jsonrpc":"2.0","method":"getblockcount"}]""", 204, "");
        AssertReply(rpc, """[{"jsonrpc":"2.0","method":"getblockcount"},3]""", 204, "");
        AssertReply(rpc, """[{"jsonrpc":"2.0","method":7}]""", 204, "");
        AssertReply(
            rpc,
            """[3,{"jsonrpc":"2.0","method":"getblockcount"}]""",
            200,
            """[{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":null}]""");
        AssertReply(rpc, """[{"method":"getblockcount"}]""", 200, """[{"result":0,"error":null}]""");
        Stop(node);
    }

    [Test]
    public void Parameters_are_positional_or_named_and_looked_at_before_the_method_runs()
    {
        RpcClient rpc = Run(out Host node);
        string genesis = rpc.Text("getblockhash", 0);

        Assert.That(
            rpc.Ask("getblockhash", new JsonObject { ["height"] = 0 })["result"]!.GetValue<string>(),
            Is.EqualTo(genesis));
        Assert.That(
            rpc.Ask(
                "getblock",
                new JsonObject { ["args"] = new JsonArray(genesis), ["verbose"] = 0 })["result"]!.GetValue<string>(),
            Has.Length.EqualTo(2 * Regtest.Genesis.ToBytes().Length));
        Assert.That(rpc.Ask("getblockcount", new JsonObject())["result"]!.GetValue<int>(), Is.Zero);
        Assert.That(
            rpc.ErrorNamed("getblockhash", new JsonObject { ["hight"] = 0 }),
            Is.EqualTo((-8, "Unknown named parameter hight")));
        Assert.That(
            rpc.ErrorNamed("getblockhash", new JsonObject { ["args"] = new JsonArray(0), ["height"] = 0 }),
            Is.EqualTo((-8, "Parameter height specified twice both as positional and named argument")));
        Assert.That(
            rpc.Error("getblockhash", "0"),
            Is.EqualTo((
                -3,
                "Wrong type passed:\n{\n    \"Position 1 (height)\": \"JSON value of type string is not of expected type number\"\n}")));
        Assert.That(
            rpc.Error("getblockhash"),
            Is.EqualTo((-1, "getblockhash height\n\nReturns hash of block in best-block-chain at height provided.\n")));
        Assert.That(rpc.Error("getblockcount", 1).Code, Is.EqualTo(-1));
        Assert.That(rpc.Error("getblockhash", 1.5), Is.EqualTo((-1, "JSON integer out of range")));
        Assert.That(
            rpc.Error("getblock", genesis, "x"),
            Is.EqualTo((-3, "JSON value of type string is not of expected type number")));
        Assert.That(
            rpc.Error("getblock", genesis, new JsonObject()),
            Is.EqualTo((-3, "JSON value of type object is not of expected type number")));
        Assert.That(rpc.Call("echo", 1, null, "x")!.ToJsonString(), Is.EqualTo("""[1,null,"x"]"""));
        Stop(node);
    }

    [Test]
    public void Only_who_knows_the_password_is_answered_and_only_to_POST()
    {
        RpcClient rpc = Run(out Host node, "-rpcuser=me", "-rpcpassword=secret");
        const string Request = """{"method":"getblockcount","id":1}""";

        Assert.That(rpc.Post(Request, credentials: null).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(rpc.Post(Request, "__cookie__:wrong").Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(rpc.Post(Request, "me:secret").Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            rpc.Post("", verb: HttpMethod.Get),
            Is.EqualTo((HttpStatusCode.MethodNotAllowed, "JSONRPC server handles only POST requests")));
        Assert.That(rpc.Post(Request, path: "/elsewhere").Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            File.GetUnixFileMode(Path.Combine(RegtestDirectory, ".cookie")),
            Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Stop(node);
        Assert.That(File.Exists(Path.Combine(RegtestDirectory, ".cookie")), Is.False);
    }

    [Test]
    public void The_connection_of_an_address_that_is_not_allowed_is_closed_without_a_word()
    {
        IPAddress? own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
            .Select(static address => address.Address)
            .FirstOrDefault(
                static address
                    => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assume.That(own, Is.Not.Null, "this machine has no other address");
        RpcClient rpc = Run(
            out Host node, $"-rpcbind=127.0.0.1:{Port}", $"-rpcbind={own}:{Port}", "-rpcallowip=192.0.2.1");

        Assert.That(RawAt(own!.ToString(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Is.Empty);
        Assert.That(rpc.Int("getblockcount"), Is.Zero, "loopback is always allowed");
        Stop(node);
    }

    [Test]
    public void Paths_methods_and_versions_of_HTTP_are_answered_as_Bitcoin_Core_does()
    {
        RpcClient rpc = Run(out Host node);

        foreach (HttpMethod verb in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Put])
        {
            Assert.That(
                rpc.Post("", path: "/elsewhere", verb: verb), Is.EqualTo((HttpStatusCode.NotFound, "")), verb.Method);
        }

        Assert.That(
            rpc.Post("", verb: HttpMethod.Put),
            Is.EqualTo((HttpStatusCode.MethodNotAllowed, "JSONRPC server handles only POST requests")));
        Assert.That(rpc.Post("", verb: HttpMethod.Delete), Is.EqualTo((HttpStatusCode.MethodNotAllowed, "")));
        Assert.That(Raw("GET / HTTP/9.9\r\nHost: a\r\n\r\n"), Does.StartWith("HTTP/1.1 400 "));
        Assert.That(
            Raw($"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('x', 9000)}\r\n\r\n"), Does.StartWith("HTTP/1.1 400 "));
        Assert.That(Raw($"GET /{new string('x', 9000)} HTTP/1.1\r\nHost: a\r\n\r\n"), Does.StartWith("HTTP/1.1 400 "));
        Assert.That(Raw("nonsense\r\n\r\n"), Does.StartWith("HTTP/1.1 400 "));
        string answer = Raw(
            $"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic "
                + $"{Convert.ToBase64String(File.ReadAllBytes(Path.Combine(RegtestDirectory, ".cookie")))}\r\nContent-Length: 40\r\n\r\n"
                + """{"method":"getblockcount","id":7}       """);
        Assert.That(
            answer,
            Does.StartWith("HTTP/1.1 200 OK\r\n").And.Contain("\r\nContent-Length: 33\r\n").And.Not.Contain("chunked"));
        Stop(node);
    }

    [TestCase(0xff)]
    [TestCase(0xfe)]
    [TestCase(0xed, 0xa0, 0x80)]
    [TestCase(0xc0, 0x80)]
    public void Bytes_that_are_no_text_are_a_parse_error_wherever_they_stand_and_nothing_has_run(params int[] wrong)
    {
        RpcClient rpc = Run(out Host node);
        foreach (string request in (string[])
        [
            """{"method":"createwallet","params":["a@"],"id":1}""", """{"method":"upt@ime","id":1}""",
            """{"method":"uptime","id":"@"}""", """{"method":"uptime","@":1}""",
            """[{"method":"createwallet","params":["ran"],"id":1},{"method":"echo","params":["@"],"id":2}]""",
        ])
        {
            byte[] body =
                [
                    .. Encoding.UTF8.GetBytes(request).SelectMany(
                        one => one == '@' ? wrong.Select(static each => (byte)each) : [one]),
                ];

            Assert.That(rpc.PostBytes(body), Is.EqualTo((HttpStatusCode.InternalServerError, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")), request);
        }

        Assert.That(rpc.Call("listwallets")!.AsArray(), Is.Empty);
        Stop(node);
    }

    [Test]
    public void A_batch_has_a_bound_and_what_is_within_is_answered()
    {
        RpcClient rpc = Run(out Host node);

        AssertReply(
            rpc,
            $"[{string.Join(',', Enumerable.Repeat(0, 10_001))}]",
            400,
            """{"result":null,"error":{"code":-32600,"message":"Batch of 10001 requests is too large. Expected at most 10000."},"id":null}""");
        Assert.That(
            JsonNode.Parse(rpc.Post($"[{string.Join(',', Enumerable.Repeat(0, 10_000))}]").Body)!.AsArray(),
            Has.Count.EqualTo(10_000));
        Stop(node);
    }

    [Test]
    public void Waits_keep_no_short_method_from_running()
    {
        RpcClient rpc = Run(out Host node);
        Task[] waits =
            [
                .. Enumerable.Range(0, 40)
                    .Select(
                        _ => Task.Factory.StartNew(() => rpc.Call("waitfornewblock"), TaskCreationOptions.LongRunning)),
            ];
        WaitUntil(
            () => rpc.Call("getrpcinfo")!["active_commands"]!.AsArray().Count == waits.Length + 1,
            "not all wait at a time");

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        rpc.Call("generatetoaddress", 1, Address);

        Assert.That(Task.WaitAll(waits, Host.Patience), Is.True);
        Stop(node);
    }

    [Test]
    public void Whoever_bounds_the_threads_bounds_the_waits_and_short_methods_run_beside_them()
    {
        RpcClient rpc = Run(out Host node, "-rpcthreads=2");
        Task[] waits =
            [
                .. Enumerable.Range(0, 10)
                    .Select(
                        _ => Task.Factory.StartNew(() => rpc.Call("waitfornewblock"), TaskCreationOptions.LongRunning)),
            ];
        WaitUntil(() => rpc.Call("getrpcinfo")!["active_commands"]!.AsArray().Count == 3, "not two wait at a time");

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        while (!Task.WaitAll(waits, TimeSpan.FromMilliseconds(10)))
        {
            rpc.Call("generatetoaddress", 1, Address);
        }

        Stop(node);
    }

    [Test]
    public void Who_guesses_passwords_waits_for_each_and_who_has_the_cookie_does_not()
    {
        const int Guesses = 8;
        RpcClient rpc = Run(out Host node, "-rpcuser=me", "-rpcpassword=secret");
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        Task<HttpStatusCode>[] guesses =
            [
                .. Enumerable.Range(0, Guesses)
                    .Select(
                        i => Task.Factory.StartNew(
                            () => rpc.Post("{}", $"me:{i}").Status, TaskCreationOptions.LongRunning)),
            ];

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Assert.That(Task.WaitAll(guesses, Host.Patience), Is.True);

        Assert.That(guesses.Select(static guess => guess.Result), Is.All.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            System.Diagnostics.Stopwatch.GetElapsedTime(start),
            Is.GreaterThan(TimeSpan.FromMilliseconds(250 * (Guesses - 1))));
        Stop(node);
    }

    [Test]
    [Platform("Linux")]
    public void Clients_that_say_nothing_are_refused_beyond_a_number_and_closed_after_a_time()
    {
        Host node = Start(
            "/bin/bash",
            "-c",
            "ulimit -n 320; exec \"$0\" \"$@\"",
            HostFolder.Program(_program),
            "-regtest",
            $"-datadir={Root}",
            $"-rpcport={Port}",
            "-printtoconsole=0",
            "-disablewallet",
            "-rpcservertimeout=2");
        Rpc().WaitUntilStarted(node);
        List<TcpClient> clients = [];
        try
        {
            for (int i = 0; i < 400; i++)
            {
                clients.Add(new TcpClient("127.0.0.1", Port));
            }

            using (StreamReader refused = new(clients[^1].GetStream()))
            {
                Assert.That(refused.ReadLine(), Is.EqualTo("HTTP/1.1 503 Service Unavailable"));
            }

            clients[0].ReceiveTimeout = (int)Host.Patience.TotalMilliseconds;
            Assert.That(clients[0].GetStream().ReadByte(), Is.EqualTo(-1), "closed");
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

        Rpc().WaitUntilStarted(node).Call("generatetoaddress", 1, Address);
        Stop(node);
    }

    [Test]
    [Platform("Linux")]
    public void Nodes_that_say_nothing_leave_descriptors_to_everything_else()
    {
        int port = FreePort();
        Host node = Start(
            "/bin/bash",
            "-c",
            "ulimit -n 320; exec \"$0\" \"$@\"",
            HostFolder.Program(_program),
            "-regtest",
            $"-datadir={Root}",
            $"-rpcport={Port}",
            $"-bind=127.0.0.1:{port}",
            "-maxconnections=1000",
            "-printtoconsole=0",
            "-disablewallet");
        Rpc().WaitUntilStarted(node);
        List<TcpClient> clients = [];
        try
        {
            for (int i = 0; i < 400; i++)
            {
                clients.Add(new TcpClient("127.0.0.1", port));
            }

            WaitUntil(() => clients.Count(IsClosed) >= clients.Count - 32, "those beyond the limit are not closed");
            Rpc().Call("generatetoaddress", 1, Address);
            Assert.That(Rpc().Int("getconnectioncount"), Is.LessThan(32));
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

        WaitUntil(() => Rpc().Int("getconnectioncount") == 0, "they are counted for ever");
        using TcpClient later = new("127.0.0.1", port);
        WaitUntil(() => Rpc().Int("getconnectioncount") == 1, "nobody is accepted any more");
        Assert.That(
            File.ReadAllText(Path.Combine(RegtestDirectory, "debug.log")),
            Does.Contain("Reducing -maxconnections from 1000 to 32, because of system limitations."));
        Stop(node);
    }

    [Test]
    public void Numbers_are_printed_as_Bitcoin_Core_prints_them()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");

        Assert.That(
            rpc.Post("""{"method":"getblockchaininfo","id":1}""").Body,
            Does.Match("\"difficulty\":4\\.656542373906925e-10,.*\"verificationprogress\":[0-9.]+e-06,"));
        Stop(node);
    }

    [Test]
    public void What_stands_behind_a_submitted_block_is_not_looked_at()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string genesis = rpc.Text("getblock", rpc.Text("getblockhash", 0), 0);

        Assert.That(rpc.Text("submitblock", genesis + "00ff"), Is.EqualTo("duplicate"));
        Assert.That(rpc.Error("submitblock", genesis[..^2]), Is.EqualTo((-22, "Block decode failed")));
        Assert.That(rpc.Error("submitblock", genesis + "0"), Is.EqualTo((-22, "Block decode failed")));
        Stop(node);
    }

    [TestCase("""{"method":"uptime","id":"\ud800"}""")]
    [TestCase("""{"method":"\ud800"}""")]
    [TestCase("""{"method":"echo","params":["\udc00x"]}""")]
    [TestCase("""{"method":"getnewaddress","params":["\ud800"]}""")]
    public void What_is_not_quite_JSON_is_a_parse_error_and_the_next_request_is_served(string request)
    {
        RpcClient rpc = Run(out Host node);

        AssertReply(rpc, request, 500, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""");

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Stop(node);
    }

    [Test]
    public void Of_two_equal_names_in_a_request_the_first_counts()
    {
        RpcClient rpc = Run(out Host node);

        Assert.That(
            rpc.Post("""[{"method":"getblockcount","method":"stop","id":1}]""").Body, Does.Contain("\"result\":0"));

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Stop(node);
    }

    [Test]
    public void A_user_is_known_by_a_salted_hash_of_the_password()
    {
        string Line(string user, string salt, string password)
            => $"-rpcauth={user}:{salt}${Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(salt), Encoding.UTF8.GetBytes(password)))}";
        RpcClient rpc = Run(
            out Host node, Line("ann", "00112233445566778899aabbccddeeff", "secret"), Line("bob", "ff", "pass:word"));
        const string Request = """{"method":"getblockcount","id":1}""";

        Assert.That(rpc.Post(Request, "ann:secret").Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(rpc.Post(Request, "bob:pass:word").Status, Is.EqualTo(HttpStatusCode.OK));
        foreach (string wrong in (string[])
        [
            "ann:pass:word", "bob:secret", "ann:", "ann", "ann:Secret", "carl:secret", ":"
        ])
        {
            Assert.That(rpc.Post(Request, wrong).Status, Is.EqualTo(HttpStatusCode.Unauthorized), wrong);
        }

        Assert.That(
            Cli("-rpcuser=ann", "-rpcpassword=secret", "-rpcconnect=127.0.0.1", "getblockcount"),
            Is.EqualTo((0, "0", "")));
        Assert.That(rpc.Post(Request).Status, Is.EqualTo(HttpStatusCode.OK), "the cookie does as well");
        Stop(node);
    }

    [TestCase("ann")]
    [TestCase("ann:salt")]
    [TestCase("ann:salt$hash$more")]
    [TestCase("ann:b:salt$hash")]
    public void A_user_that_cannot_be_read_is_an_error_at_the_start(string value)
    {
        Host node = StartNode($"-rpcauth={value}");
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Is.EqualTo("Error: Unable to start HTTP server. See debug log for details."));
    }

    [Test]
    public void The_server_tells_of_itself()
    {
        RpcClient rpc = Run(out Host node);

        Assert.That(
            rpc.Text("help"),
            Does.StartWith("== Blockchain ==\n").And.Contain("\ngetbestblockhash\n").And.Contain(
                "== Wallet ==\nabandontransaction \"txid\"\n").And.Not.Contain("generatetoaddress"));
        Assert.That(rpc.Text("help", "uptime"), Does.StartWith("uptime\n\nReturns the total uptime"));
        Assert.That(rpc.Text("help", "nothing"), Is.EqualTo("help: unknown command: nothing"));
        Assert.That(rpc.Int("uptime"), Is.GreaterThanOrEqualTo(0));
        JsonNode info = rpc.Call("getrpcinfo")!;
        Assert.That(info["active_commands"]![0]!["method"]!.GetValue<string>(), Is.EqualTo("getrpcinfo"));
        Assert.That(info["logpath"]!.GetValue<string>(), Is.EqualTo(Path.Combine(RegtestDirectory, "debug.log")));
        Assert.That(rpc.Call("logging", new JsonArray("http"), new JsonArray())!["http"]!.GetValue<bool>(), Is.True);
        Assert.That(rpc.Call("logging", new JsonArray(), new JsonArray("http"))!["http"]!.GetValue<bool>(), Is.False);
        Assert.That(rpc.Error("logging", new JsonArray("foo")), Is.EqualTo((-8, "unknown logging category foo")));
        Assert.That(rpc.Text("echoipc", "hallo"), Is.EqualTo("hallo"));
        Assert.That(rpc.Call("getnetworkinfo")!["connections"]!.GetValue<int>(), Is.Zero);
        Assert.That(rpc.Call("getpeerinfo")!.AsArray(), Is.Empty);
        Assert.That(rpc.Call("getmempoolinfo")!["size"]!.GetValue<int>(), Is.Zero);
        Assert.That(rpc.Call("getrawmempool")!.ToJsonString(), Is.EqualTo("[]"));
        Assert.That(rpc.Call("getrawmempool", true)!.ToJsonString(), Is.EqualTo("{}"));
        Stop(node);
    }

    private static void AssertReply(RpcClient rpc, string request, int status, string reply)
    {
        Assert.That(rpc.Post(request), Is.EqualTo(((HttpStatusCode)status, reply)), request);
    }

    private static bool IsClosed(TcpClient client)
        => client.Client.Poll(0, SelectMode.SelectRead) && client.Available == 0;

    private string Raw(string request) => RawAt("127.0.0.1", request);

    /// <summary>What the server sends until it closes the connection; nothing where it resets the connection.</summary>
    private string RawAt(string address, string request)
    {
        using TcpClient client = new(address, Port) { ReceiveTimeout = (int)Host.Patience.TotalMilliseconds };
        try
        {
            client.GetStream().Write(Encoding.ASCII.GetBytes(request));
            using StreamReader reader = new(client.GetStream());
            return reader.ReadToEnd();
        }
        catch (IOException exception) when (exception.InnerException is SocketException
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown,
        })
        {
            return "";
        }
    }
}
