using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class ConfigurationTests(string program) : DeploymentTest(program)
{
    private readonly string _program = program;

    [Test]
    public void The_file_chooses_the_network_and_a_section_holds_for_its_own()
    {
        File.WriteAllText(
            Path.Combine(Root, Names.ConfigFile),
            $"chain=regtest # "
                + $"ours\nmocktime=1700000000\n[main]\nrpcport=1\n[regtest]\nrpcport={Port}\nprinttoconsole=0\ndisablewallet=1\n");
        Host node = Start(_program, $"-datadir={Root}");
        RpcClient rpc = Rpc().WaitUntilStarted(node);

        Assert.That(rpc.Call("getblockchaininfo")!["chain"]!.ToString(), Is.EqualTo("regtest"));
        rpc.Call("generatetoaddress", 1, Address);
        Assert.That(
            rpc.Call("getblockheader", rpc.Text("getbestblockhash"))!["time"]!.GetValue<long>(),
            Is.EqualTo(1_700_000_000));
        Assert.That(node.Output, Is.Empty);
        Stop(node);
    }

    [Test]
    public void A_file_may_include_others_and_what_stands_in_it_comes_first()
    {
        Directory.CreateDirectory(Path.Combine(Root, "more"));
        File.WriteAllText(
            Path.Combine(Root, Names.ConfigFile),
            "includeconf=more/all.conf\nchain=regtest\nmocktime=1700000000\n[regtest]\nincludeconf=reg.conf\n[main]\nincludeconf=missing.conf\n");
        File.WriteAllText(
            Path.Combine(Root, "more/all.conf"), "mocktime=1\ndisablewallet=1\nincludeconf=nested.conf\n");
        File.WriteAllText(Path.Combine(Root, "reg.conf"), $"regtest.rpcport={Port}\nprinttoconsole=0\n");
        Host node = Start(_program, $"-datadir={Root}");
        node.MayComplain = true;
        RpcClient rpc = Rpc().WaitUntilStarted(node);

        rpc.Call("generatetoaddress", 1, Address);
        Assert.That(
            rpc.Call("getblockheader", rpc.Text("getbestblockhash"))!["time"]!.GetValue<long>(),
            Is.EqualTo(1_700_000_000),
            "the first value holds");
        Assert.That(rpc.Error("getbalance").Code, Is.EqualTo(-32601), "disabled by the included file");
        Assert.That(
            File.ReadAllText(Path.Combine(RegtestDirectory, "debug.log")),
            Does.Contain("-includeconf cannot be used from included files; ignoring -includeconf=nested.conf"));
        Stop(node);
    }

    [TestCase(
        "-includeconf=a.conf",
        "",
        "Error: Error parsing command line arguments: -includeconf cannot be used from commandline; -includeconf=\"a.conf\"")]
    [TestCase(
        "-server",
        "includeconf=none.conf\n",
        "Error: Error reading configuration file: Failed to include configuration file none.conf")]
    [TestCase(
        "-server",
        "includeconf=bad.conf\n",
        "Error: Error reading configuration file: parse error on line 1: oops")]
    [TestCase(
        "-server",
        "conf=bad.conf\n",
        "Error: Error reading configuration file: conf cannot be set in the configuration file; use includeconf= if you want to include additional config files")]
    [TestCase(
        "-noincludeconf",
        "includeconf=none.conf\nrpcbind=192.0.2.1\n",
        "Error: Config setting for -rpcbind only applied on regtest network when in [regtest] section.")]
    public void What_is_wrong_with_an_included_file_is_said(string arg, string text, string message)
    {
        File.WriteAllText(Path.Combine(Root, Names.ConfigFile), text);
        File.WriteAllText(Path.Combine(Root, "bad.conf"), "oops\n");
        Host node = Start(_program, "-regtest", $"-datadir={Root}", "-printtoconsole=0", arg);
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Is.EqualTo(Words(message)));
    }

    [TestCase("test", "testnet3")]
    [TestCase("testnet4", "testnet4")]
    [TestCase("signet", "signet")]
    public void Every_network_has_its_own_directory(string chain, string folder)
    {
        Host node = Start(
            _program, $"-chain={chain}", $"-datadir={Root}", $"-rpcport={Port}", "-printtoconsole=0", "-disablewallet");
        RpcClient rpc = new RpcClient(Port, Path.Combine(Root, folder, ".cookie"), null).WaitUntilStarted(node);

        Assert.That(rpc.Call("getblockchaininfo")!["chain"]!.ToString(), Is.EqualTo(chain));
        Assert.That(
            rpc.Error("setmocktime", 1),
            Is.EqualTo((-1, "setmocktime is for regression testing (-regtest mode) only")));
        rpc.Call("stop");
    }

    [TestCase(
        "rpcport=1\n",
        "Error: Config setting for -rpcport only applied on regtest network when in [regtest] section.")]
    [TestCase(
        "-server=1\n",
        "Error: Error reading configuration file: parse error on line 1: -server=1, options in configuration file must be specified without leading -")]
    [TestCase(
        "server=0\nnoserver\n",
        "Error: Error reading configuration file: parse error on line 2: noserver, if you intended to specify a negated option, use noserver=1 instead")]
    [TestCase("signet=1\nregtest=1\n", null)]
    public void What_is_wrong_in_the_file_is_said(string text, string? message)
    {
        File.WriteAllText(Path.Combine(Root, Names.ConfigFile), text);
        string[] network = message is null ? [] : ["-regtest"];
        Host node = Start(_program, [$"-datadir={Root}", "-printtoconsole=0", .. network]);
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(
            node.Errors,
            Is.EqualTo(
                message
                    ?? "Error: Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at "
                        + "most one."));
    }

    [TestCase("-debug=foo", "", "Error: Unsupported logging category -debug=foo.")]
    [TestCase("-whitelist=in,out@127.0.0.1", "", "Error: Only direction was set, no permissions: 'in,out'")]
    [TestCase(
        "-listen=0", "[regtest]\nbind=127.0.0.1\n", "Error: Cannot set -bind or -whitebind together with -listen=0")]
    [TestCase("-rpcport=0", "", "Error: Invalid port specified in -rpcport: '0'")]
    [TestCase("-rpcport=65536", "", "Error: Invalid port specified in -rpcport: '65536'")]
    [TestCase("-rpcport=x", "", "Error: Invalid port specified in -rpcport: 'x'")]
    [TestCase(
        "-testnet",
        "",
        "Error: Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.")]
    [TestCase(
        "-server",
        "testnet=1\n",
        "Error: Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.")]
    [TestCase(
        "-server",
        "chain=regtest\n",
        "Error: Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.")]
    [TestCase(
        "-nowallet=0",
        "",
        "Error: Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' accepts only '1' to disable all wallets")]
    [TestCase(
        "-server",
        "[regtest]\nnowallet=0\n",
        "Error: Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' accepts only '1' to disable all wallets")]
    [TestCase(
        "-server",
        "rpcpassword=foo#bar\n",
        "Error: Error reading configuration file: parse error on line 1, using # in rpcpassword can be ambiguous and should be avoided")]
    [TestCase(
        "-server",
        "[regtest]\nrpcpassword=foo # bar\n",
        "Error: Error reading configuration file: parse error on line 2, using # in rpcpassword can be ambiguous and should be avoided")]
    [TestCase(
        "-server",
        "main.rpcpassword=foo#\n",
        "Error: Error reading configuration file: parse error on line 1, using # in rpcpassword can be ambiguous and should be avoided")]
    public void What_is_wrong_is_said_in_Bitcoin_Cores_words(string arg, string text, string message)
    {
        File.WriteAllText(Path.Combine(Root, Names.ConfigFile), text);
        Host node = StartNode(arg);
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Is.EqualTo(Words(message)));
    }

    [TestCase(
        "bitcoin.conf",
        "",
        "Error: Error reading configuration file: Config file \"{0}/bitcoin.conf\" is a directory.")]
    [TestCase(
        "more.conf",
        "includeconf=more.conf\n",
        "Error: Error reading configuration file: Included config file \"{0}/more.conf\" is a directory.")]
    public void A_directory_is_no_configuration_file(string folder, string text, string message)
    {
        if (text.Length > 0)
        {
            File.WriteAllText(Path.Combine(Root, Names.ConfigFile), text);
        }

        Directory.CreateDirectory(Path.Combine(Root, Words(folder)));
        Host node = StartNode();
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(
            node.Errors,
            Is.EqualTo(string.Format(System.Globalization.CultureInfo.InvariantCulture, Words(message), Root)));
    }

    [Test]
    public void Other_bytes_than_text_are_an_error_but_in_a_comment()
    {
        string path = Path.Combine(Root, Names.ConfigFile);
        File.WriteAllBytes(path, [.. "server=1 # "u8, 0xff, .. "\nrpcuser=a"u8, 0xfe, (byte)'\n']);
        Host node = StartNode();
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(
            node.Errors,
            Is.EqualTo(
                "Error: Error reading configuration file: parse error on line 2: Expected UTF-8, got other bytes."));
    }

    [Test]
    public void A_section_that_nobody_knows_is_warned_of_with_its_place()
    {
        string path = Path.Combine(Root, Names.ConfigFile);
        File.WriteAllText(path, "server=1\n[regtset]\nrpcport=1\n");
        Run(out Host node, "-disablewallet");
        node.MayComplain = true;

        Assert.That(node.Errors, Is.EqualTo($"Warning: {path}:2 Section [regtset] is not recognized."));
        Stop(node);
    }

    [Test]
    public void A_directory_is_used_by_one_node_at_a_time_and_must_exist()
    {
        RpcClient rpc = Run(out Host first, "-disablewallet");
        Host second = StartNode("-rpcport=1");
        Host nowhere = Start(_program, "-datadir=/nowhere/at/all");
        foreach (Host host in (Host[])[second, nowhere])
        {
            host.ExpectedCode = 1;
            host.MayComplain = true;
            Assert.That(host.WaitForExit(), Is.EqualTo(1));
        }

        Assert.That(
            second.Errors,
            Is.EqualTo(
                $"Error: Cannot obtain a lock on directory {RegtestDirectory}. {Names.Client} is probably already "
                    + $"running."));
        Assert.That(nowhere.Errors, Is.EqualTo("Error: Specified data directory \"/nowhere/at/all\" does not exist."));
        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Stop(first);
    }
}
