using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>The methods of the node that do not ask about the chain: mining, network, tests.</summary>
internal sealed class NodeCommands(NodeContext node, IIpc? ipc)
{
    private const int ProtocolVersion = 70016;
    private const int Version = 10_000;

    internal void Register()
    {
        RpcTable table = node.Rpc;
        table.Register(new RpcCommand("Mining", "submitblock", [new("hexdata", RpcType.Text), new("dummy", RpcType.Text, IsOptional: true)], "Attempts to submit new block to network.", SubmitBlock));
        table.Register(new RpcCommand("Network", "getnetworkinfo", [], "Returns an object containing various state info regarding P2P networking.", _ => NetworkInfo()));
        table.Register(new RpcCommand("Network", "getpeerinfo", [], "Returns data about each connected network peer as a json array of objects.", _ => new JsonArray()));
        table.Register(new RpcCommand(RpcHelp.HiddenCategory, "generatetoaddress", [new("nblocks", RpcType.Number), new("address", RpcType.Text), new("maxtries", RpcType.Number, IsOptional: true)], "Mine to a specified address and return the block hashes.", Generate));
        table.Register(new RpcCommand(RpcHelp.HiddenCategory, "setmocktime", [new("timestamp", RpcType.Number)], "Set the local time to given timestamp (-regtest only).", SetMockTime));
        table.Register(new RpcCommand(RpcHelp.HiddenCategory, "echoipc", [new("arg", RpcType.Text)], "Echo back the input argument, passing it through a spawned process in a multiprocess build. This command is for testing.", EchoIpc), waits: true);
    }

    private JsonArray Generate(RpcCall call)
    {
        int count = call.Int(0);
        if (!Address.TryParse(call.Text(1), node.Tree.Network, out byte[]? script))
        {
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Error: Invalid address");
        }

        JsonArray hashes = [];
        foreach (BlockHash hash in count <= 0 ? [] : node.Mining.Generate(count, script))
        {
            hashes.Add(hash.ToString());
        }

        return hashes;
    }

    private JsonNode? SubmitBlock(RpcCall call)
    {
        Block block;
        try
        {
            // What stands behind the block does not matter, as with Bitcoin Core.
            block = Block.Parse(Convert.FromHexString(call.Text(0)), ignoresRest: true);
        }
        catch (Exception exception) when (exception is FormatException or BitcoinFormatException)
        {
            throw new RpcException(RpcErrorCode.Deserialization, "Block decode failed");
        }

        AcceptResult result = node.Tree.AcceptBlock(block);
        return result.Refusal?.Reason ?? (node.Tree.IsActive(result.Block!) ? null : "inconclusive");
    }

    private JsonNode? SetMockTime(RpcCall call)
    {
        if (!node.Tree.Network.NeverRetargets)
        {
            throw new RpcException(RpcErrorCode.Misc, "setmocktime is for regression testing (-regtest mode) only");
        }

        long time = call.Number(0);
        if (time is < 0 or > uint.MaxValue)
        {
            throw new RpcException(RpcErrorCode.InvalidParameter, $"Mocktime must be in the range [0, {uint.MaxValue}], not {time}.");
        }

        node.Clock.Set(time);
        return null;
    }

    private static JsonObject NetworkInfo() => new()
    {
        ["version"] = Version,
        ["subversion"] = "/MultiprocessSample:0.1.0/",
        ["protocolversion"] = ProtocolVersion,
        ["localservices"] = "0000000000000000",
        ["localservicesnames"] = new JsonArray(),
        ["localrelay"] = false,
        ["timeoffset"] = 0,
        ["networkactive"] = false,
        ["connections"] = 0,
        ["connections_in"] = 0,
        ["connections_out"] = 0,
        ["networks"] = new JsonArray(),
        ["relayfee"] = JsonText.Amount(100),
        ["incrementalfee"] = JsonText.Amount(100),
        ["localaddresses"] = new JsonArray(),
        ["warnings"] = new JsonArray(),
    };

    private JsonNode EchoIpc(RpcCall call)
    {
        string text = call.Text(0);
        if (ipc is null)
        {
            return new NodeEcho().Echo(text);
        }

        using LoggedChild child = LoggedChild.Start(ipc, "bitcoin-node", node.Log);
        return child.Init.MakeEcho()?.Echo(text) ?? throw new RpcException(RpcErrorCode.InternalError, "The spawned process has no echo.");
    }
}
