using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about unspent outputs.</summary>
internal sealed class CoinCommands(NodeContext node)
{
    private readonly RunningScan _scan = new();

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Blockchain");
        group.Add(
            "gettxout",
            "txid:text n:number include_mempool:bool?",
            "Returns details about an unspent transaction output.",
            Get);
        group.Add(
            "gettxoutsetinfo",
            "hash_type:text? hash_or_height:any? use_index:bool?",
            "Returns statistics about the unspent transaction output set.\nNote this call may take some time if you "
                + "are not using coinstatsindex.",
            SetInfo,
            waits: true);
        group.Add(
            "scantxoutset",
            "action:text scanobjects:list?",
            "Scans the unspent transaction output set for entries that match certain output descriptors.",
            Scan);
        group.Add(
            "gettxoutproof",
            "txids:list blockhash:text?",
            "Returns a hex-encoded proof that \"txid\" was included in a block.",
            Proof);
        group.Add(
            "verifytxoutproof",
            "proof:text",
            "Verifies that a proof points to a transaction in a block, returning the transaction it commits to\nand "
                + "throwing an RPC error if the block is not in our best chain",
            VerifyProof);
    }

    private JsonNode? Get(RpcCall call)
    {
        OutPoint id = new(call.Hash(0, "txid"), (uint)call.Int(1));
        lock (node.Tree.Gate)
        {
            bool usesPool = call.Bool(2, byDefault: true);
            UnspentCoin? coin = !usesPool
                ? node.Tree.Coins.Find(id)
                : node.Pool.SpenderOf(id) is null
                ? node.Pool.FindCoin(id)
                : null;
            if (coin is null)
            {
                return null;
            }

            ChainBlock tip = node.Tree.Tip;
            return new JsonObject
            {
                ["bestblock"] = tip.Hash.ToString(),
                ["confirmations"] = coin.Height == Mempool.PoolAcceptance.PoolHeight ? 0 : tip.Height - coin.Height + 1,
                ["value"] = JsonText.Amount(coin.Value),
                ["scriptPubKey"] = Values.ScriptPubKey(coin.Script, node.Tree.Network),
                ["coinbase"] = coin.IsCoinbase,
            };
        }
    }

    private JsonNode SetInfo(RpcCall call)
    {
        string type = call.Text(0, "hash_serialized_3");
        if (type is not ("hash_serialized_3" or "muhash" or "none"))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, $"'{type}' is not a valid hash_type");
        }

        bool usesIndex = call.Bool(2, byDefault: true);
        bool isIndexed = node.Indexes?.Has(IndexNames.Statistics) == true;
        if (call.IsGiven(1))
        {
            if (!isIndexed)
            {
                throw Inputs.Error(
                    RpcErrorCode.InvalidParameter, "Querying specific block heights requires coinstatsindex");
            }

            if (type == "hash_serialized_3")
            {
                throw Inputs.Error(
                    RpcErrorCode.InvalidParameter,
                    "hash_serialized_3 hash type cannot be queried for a specific block");
            }

            if (!usesIndex)
            {
                throw Inputs.Error(
                    RpcErrorCode.InvalidParameter, "Cannot set use_index to false when querying for a specific block");
            }
        }

        return usesIndex && isIndexed && type != "hash_serialized_3"
            ? IndexCommands.Statistics(
                node, call.IsGiven(1) ? node.BlockByHashOrHeight(call.Params[1]) : null, withHash: type == "muhash")
            : CountAll(type);
    }

    private JsonObject CountAll(string type)
    {
        lock (node.Tree.Gate)
        {
            node.Tree.Flush();
            ChainBlock tip = node.Tree.Tip;
            CoinStatistics statistics = new(type);
            foreach ((OutPoint id, UnspentCoin coin) in node.Tree.Cache.All())
            {
                node.Stopping.ThrowIfCancellationRequested();
                statistics.Add(id, coin);
            }

            JsonObject result = new()
            {
                ["height"] = tip.Height,
                ["bestblock"] = tip.Hash.ToString(),
                ["txouts"] = statistics.Count,
                ["bogosize"] = statistics.BogoSize,
            };
            if (statistics.Hash() is { } hash)
            {
                result[type] = hash;
            }

            result["total_amount"] = JsonText.Amount(statistics.Amount);
            result["transactions"] = statistics.Transactions;
            result["disk_size"] = node.Tree.CoinBytesOnDisk();
            return result;
        }
    }

    private JsonNode? Scan(RpcCall call)
        => _scan.Run(
            call,
            () => new JsonObject { ["progress"] = _scan.Progress },
            () => Scan(Needles(node, RpcValues.List(call.Params[1]))));

    private JsonObject Scan(Dictionary<Script, (Descriptor Descriptor, uint Index)> needles)
    {
        List<(OutPoint Id, UnspentCoin Coin)> found = [];
        long seen = 0;
        ChainBlock tip;
        lock (node.Tree.Gate)
        {
            node.Tree.Flush();
            tip = node.Tree.Tip;
            foreach ((OutPoint id, UnspentCoin coin) in node.Tree.Cache.All())
            {
                seen++;
                _scan.Progress = id.Hash.GetByte(0) * 100 / 256;
                if (_scan.IsAborted)
                {
                    break;
                }

                if (needles.ContainsKey(coin.Script))
                {
                    found.Add((id, coin));
                }
            }
        }

        return new JsonObject
        {
            ["success"] = !_scan.IsAborted,
            ["txouts"] = seen,
            ["height"] = tip.Height,
            ["bestblock"] = tip.Hash.ToString(),
            ["unspents"] = Values.Array(found.Select(one => (JsonNode)new JsonObject
            {
                ["txid"] = one.Id.Hash.ToString(),
                ["vout"] = (long)one.Id.N,
                ["scriptPubKey"] = one.Coin.Script.ToHex(),
                ["desc"] = needles[one.Coin.Script].Descriptor.DescribeAt(
                    needles[one.Coin.Script].Index, one.Coin.Script, node.Tree.Network),
                ["amount"] = JsonText.Amount(one.Coin.Value),
                ["coinbase"] = one.Coin.IsCoinbase,
                ["height"] = one.Coin.Height,
                ["blockhash"] = tip.Ancestor(one.Coin.Height).Hash.ToString(),
                ["confirmations"] = tip.Height - one.Coin.Height + 1,
            })),
            ["total_amount"] = JsonText.Amount(found.Sum(static one => one.Coin.Value)),
        };
    }

    /// <summary>
    /// The scripts to look for, each with its index in a descriptor. Few are found, so only those are described.
    /// </summary>
    internal static Dictionary<Script, (Descriptor Descriptor, uint Index)> Needles(
        NodeContext node, JsonArray objects)
    {
        const int DefaultRange = 1000;
        Dictionary<Script, (Descriptor Descriptor, uint Index)> needles = [];
        foreach (JsonNode? item in objects)
        {
            (long from, long to) = (0, DefaultRange);
            string text;
            if (item is JsonObject map)
            {
                text = RpcValues.Text(
                    map["desc"]
                        ?? throw Inputs.Error(
                            RpcErrorCode.InvalidParameter, "Descriptor needs to be provided in scan object"));
                if (map["range"] is { } range)
                {
                    (from, to) = UtilCommands.RangeOf(range);
                }
            }
            else
            {
                text = Inputs.KindOf(item) == System.Text.Json.JsonValueKind.String
                    ? item!.GetValue<string>()
                    : throw Inputs.Error(
                        RpcErrorCode.InvalidParameter, "Scan object needs to be either a string or an object");
            }

            if (!Descriptor.TryParseAll(
                text,
                node.Tree.Network,
                needsChecksum: false,
                out IReadOnlyList<Descriptor> descriptors,
                out string error))
            {
                throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, error);
            }

            foreach (Descriptor descriptor in descriptors)
            {
                for (long i = descriptor.IsRange ? from : 0; i <= (descriptor.IsRange ? to : 0); i++)
                {
                    AddNeedles(needles, descriptor, (uint)i);
                }
            }
        }

        return needles;
    }

    private static void AddNeedles(
        Dictionary<Script, (Descriptor Descriptor, uint Index)> needles, Descriptor descriptor, uint index)
    {
        try
        {
            foreach (Script script in descriptor.Expand(index))
            {
                needles.TryAdd(script, (descriptor, index));
            }
        }
        catch (InvalidOperationException exception)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, exception.Message);
        }
    }

    private JsonNode Proof(RpcCall call)
    {
        List<uint256> wanted = [];
        foreach (JsonNode? item in RpcValues.List(call.Params[0]))
        {
            uint256 txid = RpcValues.Hash(RpcValues.Text(item), "txid");
            wanted.Add(
                wanted.Contains(txid)
                    ? throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Invalid parameter, duplicated txid: {item}")
                    : txid);
        }

        if (wanted.Count == 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Parameter 'txids' cannot be empty");
        }

        ChainBlock? place = null;
        if (call.IsGiven(1))
        {
            place = node.Tree.Find(call.Hash(1, "blockhash"))
                ?? throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
        }
        else
        {
            // An unspent output shows the height of its block.
            foreach (uint256 txid in wanted)
            {
                UnspentCoin? coin = Enumerable
                    .Range(0, 1000)
                    .Select(i => node.Tree.FindCoin(new OutPoint(txid, i)))
                    .FirstOrDefault(static coin => coin is not null);
                place ??= coin is null ? null : node.Tree.AtHeight(coin.Height);
            }

            place ??= wanted.Select(
                txid => node.Indexes?.FindTransaction(txid)).FirstOrDefault(static found => found is not null);
        }

        if (place is null)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Transaction not yet in block");
        }

        Block block = node.ReadBlock(place);
        if (wanted.Count(
            txid => block.Transactions.Exists(transaction => transaction.GetHash() == txid)) != wanted.Count)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidAddressOrKey, "Not all transactions found in specified or retrieved block");
        }

        return Convert.ToHexStringLower(new MerkleBlock(block, [.. wanted]).ToBytes());
    }

    private JsonNode VerifyProof(RpcCall call)
    {
        MerkleBlock proof = new();
        try
        {
            proof.ReadWrite(new BitcoinStream(Inputs.Hex(call.Text(0), "proof")));
        }
        catch (Exception exception) when (exception is FormatException
            or IOException
            or ArgumentException
            or IndexOutOfRangeException
            or OverflowException)
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, exception.Message);
        }

        if (!proof.PartialMerkleTree.Check(proof.Header.HashMerkleRoot))
        {
            return new JsonArray();
        }

        if (node.Tree.Find(proof.Header.GetHash()) is not { } place
            || !node.Tree.IsActive(place)
            || place.TransactionCount == 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Block not found in chain");
        }

        return place.TransactionCount == proof.PartialMerkleTree.TransactionCount
            ? Values.Strings(proof.PartialMerkleTree.GetMatchedTransactions().Select(static txid => txid.ToString()))
            : new JsonArray();
    }
}
