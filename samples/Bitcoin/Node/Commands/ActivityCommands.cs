using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods that find the blocks and transactions of descriptors.</summary>
internal sealed class ActivityCommands(NodeContext node)
{
    private const string Basic = "basic";
    private const int Chunk = 1000;

    private readonly RunningScan _scan = new();
    private volatile int _height;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Blockchain");
        group.Add(
            "scanblocks",
            "action:text scanobjects:list? start_height:number? stop_height:number? filtertype:text? "
                + "options:map?{filter_false_positives}",
            "Return relevant blockhashes for given descriptors (requires blockfilterindex).\nThis call may take "
                + $"several minutes. Make sure to use no RPC timeout ({Currency.Names.Program("cli")} -rpcclienttimeout=0)",
            Scan,
            waits: true);
        group.Add(
            "getdescriptoractivity",
            "blockhashes:list scanobjects:list include_mempool:bool?",
            "Get spend and receive activity associated with a set of descriptors for a set of blocks. This command "
                + "pairs well with the `relevant_blocks` output of `scanblocks()`.\nThis call may take several "
                + $"minutes. If you encounter timeouts, try specifying no RPC timeout ({Currency.Names.Program("cli")} -rpcclienttimeout=0)",
            Activity,
            waits: true);
    }

    private JsonNode? Scan(RpcCall call)
        => _scan.Run(
            call,
            () => new JsonObject { ["progress"] = _scan.Progress, ["current_height"] = _height },
            () => Start(call));

    private JsonObject Start(RpcCall call)
    {
        string type = call.Text(4, Basic);
        if (type != Basic)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Unknown filtertype");
        }

        if (node.Indexes?.Has(IndexNames.BasicFilters) != true)
        {
            throw Inputs.Error(RpcErrorCode.Misc, $"Index is not enabled for filtertype {type}");
        }

        bool checksBlocks = (call.Params[5] as JsonObject)?["filter_false_positives"] is { } given
            && (Inputs.KindOf(given) is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False
                ? given.GetValue<bool>()
                : throw Inputs.Error(RpcErrorCode.Type, "JSON value of type number is not of expected type bool"));
        ChainBlock tip = node.Tree.Tip;
        int first = call.IsGiven(2) ? RpcValues.Int(call.Params[2]) : 0;
        if (first < 0 || first > tip.Height)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "Invalid start_height");
        }

        int last = call.IsGiven(3) ? RpcValues.Int(call.Params[3]) : tip.Height;
        if (last < first || last > tip.Height)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "Invalid stop_height");
        }

        HashSet<Script> scripts = [.. CoinCommands.Needles(node, RpcValues.List(call.Params[1])).Keys];
        return Scan(tip, first, last, scripts, checksBlocks);
    }

    private JsonObject Scan(ChainBlock tip, int first, int last, HashSet<Script> scripts, bool checksBlocks)
    {
        byte[][] wanted = [.. scripts.Select(static script => script.ToBytes())];
        JsonArray relevant = [];
        (_scan.Progress, _height) = (0, first);
        int next = first;
        while (next <= last && !_scan.IsAborted && !node.Stopping.IsCancellationRequested)
        {
            ChainBlock[] blocks =
                [
                    .. Enumerable.Range(next, Math.Min(Chunk, last - next + 1)).Select(tip.Ancestor),
                ];
            BlockFilter?[] filters = node.Indexes!.GetFilters([.. blocks.Select(static block => block.Hash)]);
            foreach ((ChainBlock block, BlockFilter? filter) in blocks.Zip(filters))
            {
                if (filter is not null
                    && wanted.Length > 0
                    && new GolombRiceFilter(filter.Data).MatchAny(wanted, block.Hash.ToBytes()[..16])
                    && (!checksBlocks || Concerns(block, scripts)))
                {
                    relevant.Add((JsonNode)block.Hash.ToString());
                }
            }

            next += blocks.Length;
            _height = next - 1;
            _scan.Progress = last == first ? 100 : (int)(100.0 * (_height - first) / (last - first));
        }

        return new JsonObject
        {
            ["from_height"] = first,
            ["to_height"] = Math.Max(first, next - 1),
            ["relevant_blocks"] = relevant,
            ["completed"] = next > last,
        };
    }

    /// <summary>Whether a block really makes or spends an output with one of the scripts.</summary>
    private bool Concerns(ChainBlock place, HashSet<Script> scripts)
    {
        return node.Tree.Read(place) is { } block
            && (block.Transactions.Exists(
                    one => one.Outputs.Any(output => scripts.Contains(output.ScriptPubKey)))
                || (node.Tree.ReadUndo(place) ?? []).Exists(
                    coins => coins.Any(coin => scripts.Contains(coin.Script))));
    }

    private JsonObject Activity(RpcCall call)
    {
        SortedDictionary<int, ChainBlock> blocks = [];
        foreach (JsonNode? item in RpcValues.List(call.Params[0]))
        {
            ChainBlock block = node.Tree.Find(RpcValues.Hash(RpcValues.Text(item), "blockhash"))
                ?? throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
            blocks[block.Height] = node.Tree.IsActive(block)
                ? block
                : throw Inputs.Error(RpcErrorCode.InvalidParameter, "Block is not in main chain");
        }

        HashSet<Script> scripts = [.. CoinCommands.Needles(node, RpcValues.List(call.Params[1])).Keys];
        JsonArray activity = [];
        foreach (ChainBlock place in blocks.Values)
        {
            Block block = node.ReadBlock(place);
            List<UnspentCoin[]> undo = place.Previous is null ? [] : node.Tree.ReadUndo(place)
                ?? throw Inputs.Error(
                    RpcErrorCode.Misc,
                    "Undo data expected but can't be read. This could be due to disk corruption or a conflict with a "
                        + "pruning event.");
            for (int i = 0; i < block.Transactions.Count; i++)
            {
                Add(activity, block.Transactions[i], i == 0 ? [] : undo[i - 1], place, scripts);
            }
        }

        if (!call.IsGiven(2) || call.Bool(2))
        {
            lock (node.Tree.Gate)
            {
                foreach (PoolEntry entry in node.Pool.InMiningOrder())
                {
                    Add(activity, entry.Transaction, entry.Spent, null, scripts);
                }
            }
        }

        return new JsonObject { ["activity"] = activity };
    }

    private void Add(
        JsonArray activity,
        Transaction transaction,
        IReadOnlyList<UnspentCoin> spent,
        ChainBlock? place,
        HashSet<Script> scripts)
    {
        string txid = transaction.GetHash().ToString();
        for (int i = 0; i < spent.Count; i++)
        {
            if (scripts.Contains(spent[i].Script))
            {
                OutPoint from = transaction.Inputs[i].PrevOut;
                JsonObject value = Begin("spend", spent[i].Value, place);
                value["spend_txid"] = txid;
                value["spend_vin"] = i;
                value["prevout_txid"] = from.Hash.ToString();
                value["prevout_vout"] = (long)from.N;
                value["prevout_spk"] = Values.ScriptPubKey(spent[i].Script, node.Tree.Network);
                activity.Add((JsonNode)value);
            }
        }

        for (int i = 0; i < transaction.Outputs.Count; i++)
        {
            TxOut output = transaction.Outputs[i];
            if (scripts.Contains(output.ScriptPubKey))
            {
                JsonObject value = Begin("receive", output.Value.Satoshi, place);
                value["txid"] = txid;
                value["vout"] = i;
                value["output_spk"] = Values.ScriptPubKey(output.ScriptPubKey, node.Tree.Network);
                activity.Add((JsonNode)value);
            }
        }
    }

    private static JsonObject Begin(string type, long amount, ChainBlock? place)
    {
        JsonObject value = new() { ["type"] = type, ["amount"] = JsonText.Amount(amount) };
        if (place is not null)
        {
            value["blockhash"] = place.Hash.ToString();
            value["height"] = place.Height;
        }

        return value;
    }
}
