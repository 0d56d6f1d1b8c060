using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>The methods that ask about the chain.</summary>
internal sealed class BlockchainCommands(NodeContext node)
{
    private const string Category = "Blockchain";

    private static readonly TimeSpan s_listenerPatience = TimeSpan.FromSeconds(60);
    private static readonly RpcArgument s_blockHash = new("blockhash", RpcType.Text);

    private BlockTree Tree => node.Tree;

    internal void Register()
    {
        Add("getblockchaininfo", [], "Returns an object containing various state info regarding blockchain processing.", _ => Info());
        Add("getblockcount", [], "Returns the height of the most-work fully-validated chain. The genesis block has height 0.", _ => Tree.Tip.Height);
        Add("getbestblockhash", [], "Returns the hash of the best (tip) block in the most-work fully-validated chain.", _ => Tree.Tip.Hash.ToString());
        Add("getblockhash", [new("height", RpcType.Number)], "Returns hash of block in best-block-chain at height provided.", BlockHashAt);
        Add("getblockheader", [s_blockHash, new("verbose", RpcType.Bool, IsOptional: true)], "Returns the header of a block: serialized and hex-encoded if verbose is false, as an object otherwise.", Header);
        Add("getblock", [s_blockHash, new("verbosity|verbose", RpcType.Any, IsOptional: true)], "Returns a block: serialized and hex-encoded (verbosity 0), as an object (1), or as an object with its transactions (2).", GetBlock);
        Add("getmempoolinfo", [], "Returns details on the active state of the TX memory pool.", _ => MempoolInfo());
        Add("getrawmempool", [new("verbose", RpcType.Bool, IsOptional: true), new("mempool_sequence", RpcType.Bool, IsOptional: true)], "Returns all transaction ids in memory pool.", static call => call.Bool(0) ? new JsonObject() : new JsonArray());
        Add("waitfornewblock", [new("timeout", RpcType.Number, IsOptional: true), new("current_tip", RpcType.Text, IsOptional: true)], "Waits for any new block and returns useful info about it. Returns the current block on timeout or exit.", WaitForNewBlock, waits: true);
        node.Rpc.Register(new RpcCommand(RpcHelp.HiddenCategory, "syncwithvalidationinterfacequeue", [], "Waits for the validation interface queue to catch up on everything that was there when we entered this function.", _ =>
        {
            return node.Chain.WaitForListeners(s_listenerPatience)
                ? null
                : throw new RpcException(RpcErrorCode.Misc, $"A listener to the chain has not been told of everything within {s_listenerPatience.TotalSeconds} seconds.");
        }), waits: true);
    }

    internal static double Difficulty(CompactTarget target)
    {
        uint mantissa = target.Bits & 0x00ffffff;
        int shift = (int)(target.Bits >> 24);
        return (double)0x0000ffff / mantissa * Math.Pow(256, 29 - shift);
    }

    private void Add(string name, RpcArgument[] arguments, string help, RpcActor actor, bool waits = false) => node.Rpc.Register(new RpcCommand(Category, name, arguments, help, actor), waits);

    private JsonObject Info()
    {
        ChainBlock tip = Tree.Tip;
        return new JsonObject
        {
            ["chain"] = Tree.Network.Name,
            ["blocks"] = tip.Height,
            ["headers"] = tip.Height,
            ["bestblockhash"] = tip.Hash.ToString(),
            ["bits"] = Bits(tip),
            ["target"] = Target(tip),
            ["difficulty"] = JsonText.Real(Difficulty(tip.Header.Target)),
            ["time"] = tip.Header.Time,
            ["mediantime"] = tip.MedianTimePast,
            ["verificationprogress"] = JsonText.Real(node.Chain.GuessVerificationProgress(tip.Hash.ToValue())),
            ["initialblockdownload"] = node.Mining.IsInitialBlockDownload(),
            ["chainwork"] = Work(tip),
            ["size_on_disk"] = SizeOnDisk(),
            ["pruned"] = false,
            ["warnings"] = new JsonArray(node.Messages.Warning.Length == 0 ? [] : [node.Messages.Warning]),
        };
    }

    private long SizeOnDisk()
    {
        string? folder = node.Settings is null ? null : Path.Combine(node.Settings.Directory, "blocks");
        return folder is not null && Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("blk*.dat").Sum(static file => file.Length) : 0;
    }

    private JsonNode BlockHashAt(RpcCall call)
    {
        return Tree.AtHeight(call.Int(0))?.Hash.ToString() ?? throw new RpcException(RpcErrorCode.InvalidParameter, "Block height out of range");
    }

    private ChainBlock Find(RpcCall call)
    {
        return Tree.Find(call.Hash(0, "blockhash").ToHash()) ?? throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Block not found");
    }

    private JsonNode Header(RpcCall call)
    {
        ChainBlock block = Find(call);
        return call.Bool(1, byDefault: true) ? HeaderOf(block) : Convert.ToHexStringLower(block.Header.ToArray());
    }

    private JsonObject HeaderOf(ChainBlock block)
    {
        bool isActive = Tree.IsActive(block);
        JsonObject header = new()
        {
            ["hash"] = block.Hash.ToString(),
            ["confirmations"] = isActive ? Tree.Tip.Height - block.Height + 1 : -1,
            ["height"] = block.Height,
            ["version"] = block.Header.Version,
            ["versionHex"] = block.Header.Version.ToString("x8", System.Globalization.CultureInfo.InvariantCulture),
            ["merkleroot"] = block.Header.MerkleRoot.ToString(),
            ["time"] = block.Header.Time,
            ["mediantime"] = block.MedianTimePast,
            ["nonce"] = block.Header.Nonce,
            ["bits"] = Bits(block),
            ["target"] = Target(block),
            ["difficulty"] = JsonText.Real(Difficulty(block.Header.Target)),
            ["chainwork"] = Work(block),
            ["nTx"] = block.Block.Transactions.Count,
        };
        if (block.Previous is not null)
        {
            header["previousblockhash"] = block.Header.PreviousHash.ToString();
        }

        if (isActive && Tree.AtHeight(block.Height + 1) is { } next)
        {
            header["nextblockhash"] = next.Hash.ToString();
        }

        return header;
    }

    private JsonNode GetBlock(RpcCall call)
    {
        ChainBlock block = Find(call);
        int verbosity = call.Params[1] is not { } value ? 1
            : value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False ? (call.Bool(1) ? 1 : 0)
            : call.Int(1);
        byte[] bytes = block.Block.ToArray();
        if (verbosity <= 0)
        {
            return Convert.ToHexStringLower(bytes);
        }

        JsonObject result = HeaderOf(block);
        long weight = block.Block.Weight;
        result["strippedsize"] = (weight - bytes.Length) / 3;
        result["size"] = bytes.Length;
        result["weight"] = weight;
        result["tx"] = new JsonArray([.. block.Block.Transactions.Select(transaction => verbosity == 1 ? transaction.Txid.ToString() : (JsonNode)TransactionValues.Describe(transaction, Tree.Network))]);
        return result;
    }

    private static JsonObject MempoolInfo() => new()
    {
        ["loaded"] = true,
        ["size"] = 0,
        ["bytes"] = 0,
        ["usage"] = 0,
        ["total_fee"] = JsonText.Amount(0),
        ["maxmempool"] = 300_000_000,
        ["mempoolminfee"] = JsonText.Amount(100),
        ["minrelaytxfee"] = JsonText.Amount(100),
        ["incrementalrelayfee"] = JsonText.Amount(100),
        ["unbroadcastcount"] = 0,
        ["fullrbf"] = true,
    };

    private JsonObject WaitForNewBlock(RpcCall call)
    {
        long timeout = call.Number(0);
        if (timeout < 0)
        {
            throw new RpcException(RpcErrorCode.Misc, "Negative timeout");
        }

        Hash256 known = call.Params[1] is null ? Tree.Tip.Hash : call.Hash(1, "current_tip").ToHash();
        TimeSpan bound = timeout == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Min(timeout, int.MaxValue));
        ChainBlock tip = node.Tips.Wait(tip => tip.Hash == known, bound) ?? Tree.Tip;
        return new JsonObject { ["hash"] = tip.Hash.ToString(), ["height"] = tip.Height };
    }

    private static string Bits(ChainBlock block) => block.Header.Target.Bits.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    private static string Target(ChainBlock block) => block.Header.Target.TryExpand(out UInt256 target) ? target.ToString() : "";

    private static string Work(ChainBlock block) => UInt256.FromBigInteger(block.ChainWork).ToString();
}
