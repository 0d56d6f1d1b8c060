using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about the pool of transactions.</summary>
internal sealed class MempoolCommands(NodeContext node)
{
    private const long DefaultMaxFeeRate = 10_000_000;

    private static readonly TimeSpan s_listenerPatience = TimeSpan.FromSeconds(2);
    private const int MaxPackage = 25;
    private const int QueueFull = -37;

    private TransactionPool Pool => node.Pool;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Blockchain");
        group.Add(
            "getmempoolinfo", "", "Returns details on the active state of the TX memory pool.", _ => Locked(Info));
        group.Add(
            "getrawmempool",
            "verbose:bool? mempool_sequence:bool?",
            "Returns all transaction ids in memory pool as a json array of string transaction ids.",
            call => Locked(() => Raw(call)));
        group.Add(
            "getmempoolentry",
            "txid:text",
            "Returns mempool data for given transaction",
            call => Locked(() => (JsonNode)Describe(Find(call))));
        group.Add(
            "getmempoolancestors",
            "txid:text verbose:bool?",
            "If txid is in the mempool, returns all in-mempool ancestors.",
            call => Locked(() => Family(call, Find(call).Ancestors())));
        group.Add(
            "getmempooldescendants",
            "txid:text verbose:bool?",
            "If txid is in the mempool, returns all in-mempool descendants.",
            call => Locked(() => Family(call, Find(call).Descendants())));
        group.Add(
            "getmempoolcluster",
            "txid:text",
            "Returns mempool data for given cluster",
            call => Locked(() => (JsonNode)DescribeCluster(Find(call).Cluster)));
        new CommandGroup(node.Rpc, RpcHelp.HiddenCategory).Add(
            "getmempoolfeeratediagram",
            "",
            "Returns the feerate diagram for the whole mempool.",
            _ => Locked(Diagram));
        group.Add(
            "gettxspendingprevout",
            "outputs:list options:map?{mempool_only,return_spending_tx}",
            "Scans the mempool to find transactions spending any of the given outputs",
            new SpenderCommand(node).Run);
        group.Add(
            "savemempool",
            "",
            "Dumps the mempool to disk. It will fail until the previous dump is fully loaded.",
            _ => Save());
        group.Add(
            "importmempool",
            "filepath:text options:map?{use_current_time,apply_fee_delta_priority,apply_unbroadcast_set}",
            "Import a mempool.dat file and attempt to add its contents to the mempool.",
            Import);
        CommandGroup raw = new(node.Rpc, "Rawtransactions");
        raw.Add(
            "sendrawtransaction",
            "hexstring:text maxfeerate:any? maxburnamount:any?",
            "Submit a raw transaction (serialized, hex-encoded) to the network.",
            Send);
        raw.Add(
            "testmempoolaccept",
            "rawtxs:list maxfeerate:any?",
            "Returns result of mempool acceptance tests indicating if raw transaction(s) (serialized, hex-encoded) "
                + "would be accepted by mempool.",
            Test);
        CommandGroup mining = new(node.Rpc, "Mining");
        mining.Add(
            "prioritisetransaction",
            "txid:text dummy:number? fee_delta:number",
            "Accepts the transaction into mined blocks at a higher (or lower) priority",
            Prioritise);
        mining.Add(
            "getprioritisedtransactions",
            "",
            "Returns a map of all user-created (see prioritisetransaction) fee deltas by txid, and whether the tx is "
                + "present in mempool.",
            _ => Locked(
                () => (JsonNode)new JsonObject(
                    Pool.Deltas.Select(
                        pair => KeyValuePair.Create(pair.Key.ToString(), (JsonNode?)Delta(pair.Key, pair.Value))))));
    }

    internal JsonObject Describe(PoolEntry entry)
    {
        HashSet<PoolEntry> ancestors = entry.Ancestors();
        HashSet<PoolEntry> descendants = entry.Descendants();
        Chunk chunk = entry.Cluster.Chunks.First(part => part.Entries.Contains(entry));
        JsonObject result = new()
        {
            ["vsize_adjusted"] = entry.Size,
            ["vsize"] = entry.Size,
            ["vsize_bip141"] = (entry.Weight + 3) / 4,
            ["weight"] = entry.Weight,
            ["time"] = entry.Time.ToUnixTimeSeconds(),
            ["height"] = entry.Height,
            ["descendantcount"] = descendants.Count,
            ["descendantsize"] = descendants.Sum(static other => (long)other.Size),
            ["ancestorcount"] = ancestors.Count,
            ["ancestorsize"] = ancestors.Sum(static other => (long)other.Size),
            ["wtxid"] = entry.WitnessHash.ToString(),
            ["chunkweight"] = chunk.Entries.Sum(static entry => entry.AdjustedWeight),
            ["fees"] = new JsonObject
            {
                ["base"] = JsonText.Amount(entry.Fee),
                ["modified"] = JsonText.Amount(entry.ModifiedFee),
                ["ancestor"] = JsonText.Amount(ancestors.Sum(static other => other.ModifiedFee)),
                ["descendant"] = JsonText.Amount(descendants.Sum(static other => other.ModifiedFee)),
                ["chunk"] = JsonText.Amount(chunk.Fee),
            },
            ["depends"] = Values.Strings(entry.Parents.Select(static parent => parent.Txid.ToString())),
            ["spentby"] = Values.Strings(entry.Children.Select(static child => child.Txid.ToString())),
            ["unbroadcast"] = Pool.Unbroadcast.Contains(entry.Txid),
        };
        if (Allows("bip125"))
        {
            result["bip125-replaceable"] = ancestors.Append(entry)
                .Any(
                    static other => other.Transaction.Inputs.Any(
                        static input => input.Sequence.Value <= NewTransaction.MaxReplaceable));
        }

        return result;
    }

    internal JsonNode Info()
    {
        JsonObject info = PoolInfo();
        if (Allows("fullrbf"))
        {
            info["fullrbf"] = true;
        }

        return info;
    }

    /// <summary>Whether a deprecated feature was requested.</summary>
    private bool Allows(string name) => node.Settings?.All("deprecatedrpc").Contains(name) == true;

    private JsonObject PoolInfo() => new()
    {
        ["loaded"] = Pool.IsLoaded,
        ["size"] = Pool.Count,
        ["bytes"] = Pool.Bytes,
        ["usage"] = Pool.Usage,
        ["total_fee"] = JsonText.Amount(Pool.TotalFee),
        ["maxmempool"] = Pool.Options.MaxBytes,
        ["mempoolminfee"] = JsonText.Amount(Math.Max(Pool.MinFee().PerKilobyte, Pool.Options.MinRelay.PerKilobyte)),
        ["minrelaytxfee"] = JsonText.Amount(Pool.Options.MinRelay.PerKilobyte),
        ["incrementalrelayfee"] = JsonText.Amount(Pool.Options.Incremental.PerKilobyte),
        ["unbroadcastcount"] = Pool.Unbroadcast.Count,
        ["permitbaremultisig"] = Pool.Options.PermitsBareMultisig,
        ["maxdatacarriersize"] = Pool.Options.DataBytes ?? 0,
        ["limitclustercount"] = Pool.Options.MaxClusterCount,
        ["limitclustersize"] = Pool.Options.MaxClusterSize,
        ["optimal"] = true,
    };

    private JsonArray Diagram()
    {
        IEnumerable<Chunk> all = Pool.Entries.Select(static entry => entry.Cluster).Distinct()
            .SelectMany(static cluster => cluster.Chunks);
        return Values.Array(FeeDiagram.Of(all).Select(static point => (JsonNode)new JsonObject
        {
            ["weight"] = point.Weight,
            ["fee"] = JsonText.Amount(point.Fee),
        }));
    }

    private JsonNode? Locked(Func<JsonNode?> read)
    {
        lock (node.Tree.Gate)
        {
            return read();
        }
    }

    private PoolEntry Find(RpcCall call)
        => Pool.Find(call.Hash(0, "txid"))
            ?? throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Transaction not in mempool");

    private JsonNode Raw(RpcCall call)
    {
        bool isVerbose = call.Bool(0);
        bool hasSequence = call.Bool(1);
        if (isVerbose && hasSequence)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, "Verbose results cannot contain mempool sequence values.");
        }

        if (isVerbose)
        {
            return new JsonObject(
                Pool.InMiningOrder().Select(
                    entry => KeyValuePair.Create(entry.Txid.ToString(), (JsonNode?)Describe(entry))));
        }

        JsonArray ids = Values.Strings(
            Pool.InMiningOrder().Select(static entry => entry.Txid.ToString()));
        return hasSequence ? new JsonObject { ["txids"] = ids, ["mempool_sequence"] = Pool.Sequence } : ids;
    }

    private JsonNode Family(RpcCall call, HashSet<PoolEntry> family)
    {
        PoolEntry self = Find(call);
        IEnumerable<PoolEntry> others = family.Where(entry => entry != self);
        return call.Bool(1)
            ? new JsonObject(
                others.Select(entry => KeyValuePair.Create(entry.Txid.ToString(), (JsonNode?)Describe(entry))))
            : Values.Strings(others.Select(static entry => entry.Txid.ToString()));
    }

    private static JsonObject DescribeCluster(Cluster cluster) => new()
    {
        ["clusterweight"] = cluster.Members.Sum(static entry => entry.AdjustedWeight),
        ["txcount"] = cluster.Members.Count,
        ["chunks"] = Values.Array(cluster.Chunks.Select(static chunk => (JsonNode)new JsonObject
        {
            ["chunkfee"] = JsonText.Amount(chunk.Fee),
            ["chunkweight"] = chunk.Entries.Sum(static entry => entry.AdjustedWeight),
            ["txs"] = Values.Strings(chunk.Entries.Select(static entry => entry.Txid.ToString())),
        })),
    };

    private JsonNode Save()
    {
        if (!Pool.IsLoaded)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "The mempool was not loaded yet");
        }

        string path = Path.Combine(node.Settings!.Directory, PoolFile.Name);
        return node.PoolFile?.TrySave(path) == true
            ? new JsonObject { ["filename"] = path }
            : throw Inputs.Error(RpcErrorCode.Misc, "Unable to dump mempool to disk");
    }

    private JsonNode Import(RpcCall call)
    {
        if (node.IsInitialDownload)
        {
            throw Inputs.Error(-10, "Can only import the mempool after the block download and sync is done.");
        }

        JsonObject options = call.Params[1] as JsonObject ?? [];
        bool UseOption(string name, bool byDefault) => options[name] is { } value ? RpcValues.Bool(value) : byDefault;
        bool isGood = node.PoolFile?.TryLoad(
            call.Text(0),
            UseOption("use_current_time", true),
            UseOption("apply_fee_delta_priority", false),
            UseOption("apply_unbroadcast_set", false)) == true;
        return isGood
            ? new JsonObject()
            : throw Inputs.Error(RpcErrorCode.Misc, "Unable to import mempool file, see debug log for details.");
    }

    private JsonNode Send(RpcCall call)
    {
        Transaction transaction = node.Transaction(
            call.Text(0), "TX decode failed. Make sure the tx has at least one input.");
        CheckBurn(call, 2, transaction);
        Net.PrivateBroadcast? privately = node.Peers?.Private;
        return privately is { CanSend: false }
            ? throw Inputs.Error(
                RpcErrorCode.Misc,
                "-privatebroadcast is enabled, but none of the Tor or I2P networks is reachable. Maybe the location "
                    + "of the Tor proxy couldn't be retrieved from the Tor daemon at startup. Check whether the Tor "
                    + "daemon is running and that -torcontrol, -torpassword and -i2psam are configured properly.")
            : (JsonNode)Broadcast(transaction, MaxFeeRate(call, 1), privately).ToString();
    }

    /// <summary>Refuses a transaction that makes coins unspendable, beyond what the caller allows.</summary>
    internal static void CheckBurn(RpcCall call, int index, Transaction transaction)
    {
        long most = call.IsGiven(index) ? RpcValues.Amount(call.Params[index]) : 0;
        if (transaction.Outputs.Any(
            output
                => (Chain.Coins.CoinLayer.IsUnspendable(output.ScriptPubKey)
                    || !ScriptDecoding.HasOnlyKnownOperations(output.ScriptPubKey.ToBytes()))
                    && output.Value.Satoshi > most))
        {
            throw Inputs.Error(-25, "Unspendable output exceeds maximum configured by user (maxburnamount)");
        }
    }

    /// <summary>Adds a transaction of this node's own to the pool, and announces it to peers.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="maxFeeRate">The highest fee rate that the caller allows; null for any.</param>
    /// <param name="privately">Where to give it to single peers instead of the pool; null for the pool.</param>
    internal uint256 Broadcast(
        Transaction transaction, RelayRate? maxFeeRate, Net.PrivateBroadcast? privately = null)
    {
        uint256 txid = transaction.GetHash();
        bool isKnown;
        lock (node.Tree.Gate)
        {
            bool isMined = Enumerable.Range(0, transaction.Outputs.Count).Any(
                i => node.Tree.Coins.Find(new OutPoint(txid, i)) is not null);
            if (isMined)
            {
                throw Inputs.Error(-27, "Transaction outputs already in utxo set");
            }

            isKnown = Pool.Find(txid) is not null;
            if (!isKnown)
            {
                PoolResult? tested = privately is not null || maxFeeRate is { PerKilobyte: > 0 }
                    ? Pool.Acceptance.Accept(transaction, new AcceptOptions { IsTest = true })
                    : null;
                if (maxFeeRate is { PerKilobyte: > 0 } most
                    && tested is { Refusal: null, Entry: { } entry }
                    && entry.Fee > most.For(entry.Size))
                {
                    throw Inputs.Error(-25, "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)");
                }

                PoolResult result = privately is null ? Pool.Acceptance.Accept(transaction) : tested!;
                if (result.Refusal is { } refusal)
                {
                    throw refusal.Kind == RefusalKind.MissingInputs
                        ? Inputs.Error(-25, refusal.ToString())
                        : Inputs.Error(-26, refusal.ToString());
                }

                if (privately is null)
                {
                    Pool.Unbroadcast.Add(txid);
                }
            }
        }

        if (privately is not null)
        {
            return privately.TryAdd(transaction)
                ? txid
                : throw Inputs.Error(QueueFull, "Private broadcast queue is full");
        }

        if (isKnown)
        {
            node.Peers?.News.Announce(transaction);
        }

        // The caller sees at once that the peers are going to be told.
        node.Peers?.News.Spread();

        // As in one process: the next request to a wallet finds the transaction.
        node.Chain.WaitForListeners(s_listenerPatience);
        return txid;
    }

    internal static RelayRate? MaxFeeRate(RpcCall call, int index)
    {
        if (!call.IsGiven(index))
        {
            return new RelayRate(DefaultMaxFeeRate);
        }

        long rate = RpcValues.Amount(call.Params[index]);
        return rate >= Money.COIN
            ? throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                $"Fee rates larger than or equal to 1{Currency.Names.Unit}/kvB are not accepted")
            : new RelayRate(rate);
    }

    private JsonNode Test(RpcCall call)
    {
        JsonArray raw = RpcValues.List(call.Params[0]);
        if (raw.Count is < 1 or > MaxPackage)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"Array must contain between 1 and {MaxPackage} transactions.");
        }

        RelayRate? most = MaxFeeRate(call, 1);
        Transaction[] transactions =
            [
                .. raw.Select(
                    hex => node.Transaction(
                        RpcValues.Text(hex), $"TX decode failed: {hex} Make sure the tx has at least one input.")),
            ];
        IReadOnlyList<(PoolResult? Result, string? PackageError)> results;
        lock (node.Tree.Gate)
        {
            results = transactions.Length == 1
                ? [(Pool.Acceptance.Accept(transactions[0], new AcceptOptions { IsTest = true }), null)]
                : Pool.Packages.Test(transactions);
        }

        JsonArray reply = [];
        bool isOver = false;
        for (int i = 0; i < transactions.Length; i++)
        {
            JsonObject value = new()
            {
                ["txid"] = transactions[i].GetHash().ToString(),
                ["wtxid"] = transactions[i].GetWitHash().ToString(),
            };
            reply.Add((JsonNode)value);
            (PoolResult? result, string? packageError) = results[i];
            if (packageError is not null)
            {
                value["package-error"] = packageError;
            }

            if (isOver || result is null)
            {
                continue;
            }

            if (result.Refusal is { } refusal)
            {
                value["allowed"] = false;
                value["reject-reason"] = refusal.Kind == RefusalKind.MissingInputs ? "missing-inputs" : refusal.Reason;
                if (refusal.Kind != RefusalKind.MissingInputs)
                {
                    value["reject-details"] = refusal.ToString();
                }

                continue;
            }

            PoolEntry entry = result.Entry!;
            if (most is { PerKilobyte: > 0 } limit && entry.Fee > limit.For(entry.Size))
            {
                value["allowed"] = false;
                value["reject-reason"] = "max-fee-exceeded";
                isOver = true;
                continue;
            }

            value["allowed"] = true;
            value["vsize_adjusted"] = entry.Size;
            value["vsize"] = entry.Size;
            value["vsize_bip141"] = (entry.Weight + 3) / 4;
            value["fees"] = new JsonObject
            {
                ["base"] = JsonText.Amount(entry.Fee),
                ["effective-feerate"] = JsonText.Amount(RelayRate.Of(entry.ModifiedFee, entry.Size).PerKilobyte),
                ["effective-includes"] = new JsonArray(entry.WitnessHash.ToString()),
            };
        }

        return reply;
    }

    private JsonNode Prioritise(RpcCall call)
    {
        uint256 txid = call.Hash(0, "txid");
        if (call.IsGiven(1) && call.Params[1]!.GetValue<double>() != 0)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Priority is no longer supported, dummy argument to prioritisetransaction must be 0.");
        }

        lock (node.Tree.Gate)
        {
            if (Pool.Find(txid) is { } entry
                && Pool.Options.RequiresStandard
                && Pool.Acceptance.Standardness.Dust(entry.Transaction).Count > 0)
            {
                // Dust is taken only where it pays nothing, and that must stay so.
                throw Inputs.Error(
                    RpcErrorCode.InvalidParameter,
                    "Priority is not supported for transactions with dust outputs.");
            }

            Pool.Prioritise(txid, call.Number(2));
        }

        return true;
    }

    private JsonObject Delta(uint256 txid, long delta)
    {
        JsonObject value = new() { ["fee_delta"] = delta, ["in_mempool"] = Pool.Find(txid) is not null };
        if (Pool.Find(txid) is { } entry)
        {
            value["modified_fee"] = entry.ModifiedFee;
        }

        return value;
    }
}
