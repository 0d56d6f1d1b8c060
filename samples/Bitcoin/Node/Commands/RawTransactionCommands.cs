using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about transactions: create, decode, look up, sign with given keys.</summary>
internal sealed class RawTransactionCommands(NodeContext node)
{
    internal const uint MaxReplaceable = 0xfffffffd;

    private NetworkParameters Network => node.Tree.Network;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Rawtransactions");
        group.Add(
            "getrawtransaction",
            "txid:text verbosity|verbose:any? blockhash:text?",
            "By default, this call only returns a transaction if it is in the mempool. If -txindex is enabled and no "
                + "blockhash argument is passed, it will return the transaction if it is in the mempool or any block.",
            Get);
        group.Add(
            "createrawtransaction",
            "inputs:list outputs:any locktime:number? replaceable:bool? version:number?",
            "Create a transaction spending the given inputs and creating new outputs.\nOutputs can be addresses or "
                + "data.\nReturns hex-encoded raw transaction.",
            call => Convert.ToHexStringLower(Bytes(Create(call))));
        group.Add(
            "decoderawtransaction",
            "hexstring:text iswitness:bool?",
            "Return a JSON object representing the serialized, hex-encoded transaction.",
            Decode);
        group.Add("decodescript", "hexstring:text", "Decode a hex-encoded script.", DecodeScript);
        group.Add(
            "combinerawtransaction",
            "txs:list",
            "Combine multiple partially signed transactions into one transaction.\nThe combined transaction may be "
                + "another partially signed transaction or a \nfully signed transaction.",
            Combine);
        group.Add(
            "signrawtransactionwithkey",
            "hexstring:text privkeys:list prevtxs:list? sighashtype:text?",
            "Sign inputs for raw transaction (serialized, hex-encoded).",
            Sign);
        group.Add(
            "submitpackage",
            "package:list maxfeerate:any? maxburnamount:any?",
            "Submit a package of raw transactions (serialized, hex-encoded) to local node.\nThe package will be "
                + "validated according to consensus and mempool policy rules. If any transaction passes, it will be "
                + "accepted to mempool.",
            SubmitPackage);
    }

    private JsonNode Get(RpcCall call)
    {
        uint256 txid = call.Hash(0, "parameter 1");
        int verbosity = call.Verbosity(1, byDefault: 0);
        ChainBlock? block = null;
        if (call.IsGiven(2))
        {
            block = node.Tree.Find(call.Hash(2, "parameter 3"))
                ?? throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Block hash not found");
        }

        if (txid == Network.Genesis.Transactions[0].GetHash())
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidAddressOrKey,
                "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved");
        }

        bool wasNamed = block is not null;
        (Transaction transaction, ChainBlock? at) = Find(txid, block) ?? throw NotFound(block);
        if (verbosity <= 0)
        {
            return Convert.ToHexStringLower(transaction.ToBytes());
        }

        IReadOnlyList<UnspentCoin>? spent = null;
        if (verbosity >= 2 && at is not null && !transaction.IsCoinBase && node.Tree.Read(at) is { } data)
        {
            int index = data.Transactions.FindIndex(other => other.GetHash() == txid);
            spent = index > 0 ? node.Tree.ReadUndo(at)?[index - 1] : null;
        }

        JsonObject result = [];
        if (wasNamed)
        {
            result["in_active_chain"] = node.Tree.IsActive(block!);
        }

        foreach ((string name, JsonNode? value) in Values.Transaction(
            transaction, Network, spent, verbosity >= 2 ? 3 : 1).ToArray())
        {
            result[name] = value?.DeepClone();
        }

        if (at is null)
        {
            lock (node.Tree.Gate)
            {
                if (node.Pool.Find(txid) is { } entry)
                {
                    result["vsize_adjusted"] = entry.Size;
                }
            }
        }

        if (at is not null)
        {
            result["blockhash"] = at.Hash.ToString();
            bool isActive = node.Tree.IsActive(at);
            result["confirmations"] = isActive ? 1 + node.Tree.Tip.Height - at.Height : 0;
            if (isActive)
            {
                result["time"] = at.Time;
                result["blocktime"] = at.Time;
            }
        }

        return result;
    }

    /// <summary>A transaction of a block, of the pool, or of the index.</summary>
    internal (Transaction Transaction, ChainBlock? Block)? Find(uint256 txid, ChainBlock? block)
    {
        if (block is not null)
        {
            return node.Tree.Read(block)?.Transactions.Find(transaction => transaction.GetHash() == txid) is { } found
                ? (found, block)
                : null;
        }

        lock (node.Tree.Gate)
        {
            if (node.Pool.Find(txid) is { } entry)
            {
                return (entry.Transaction, null);
            }
        }

        return node.Indexes?.FindTransaction(txid) is { } at
            && node.Tree.Read(at)?.Transactions.Find(transaction => transaction.GetHash() == txid) is { } indexed
            ? (indexed, at)
            : null;
    }

    private RpcException NotFound(ChainBlock? block)
    {
        if (block is not null)
        {
            return node.Tree.HasData(block)
                ? Inputs.Error(
                    RpcErrorCode.InvalidAddressOrKey,
                    "No such transaction found in the provided block. Use gettransaction for wallet transactions.")
                : Inputs.Error(RpcErrorCode.Misc, "Block not available");
        }

        return Inputs.Error(
            RpcErrorCode.InvalidAddressOrKey,
            node.Indexes?.HasTransactions == true
                ? "No such mempool or blockchain transaction. Use gettransaction for wallet transactions."
                : "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries. Use gettransaction for wallet transactions.");
    }

    /// <summary>Creates a transaction from the first five arguments of a call.</summary>
    internal Transaction Create(RpcCall call)
    {
        const uint DefaultVersion = 2;
        Transaction transaction = Network.Network.CreateTransaction();
        long version = call.Number(4, DefaultVersion);
        transaction.Version = version is >= 1 and <= 3
            ? (uint)version
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, version out of range(1~3)");
        bool replaceable = call.Bool(3, byDefault: true);
        if (call.IsGiven(2))
        {
            long lockTime = call.Number(2);
            transaction.LockTime = lockTime is >= 0 and <= uint.MaxValue
                ? new LockTime((uint)lockTime)
                : throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, locktime out of range");
        }

        AddInputs(transaction, RpcValues.List(call.Params[0]), replaceable);
        AddOutputs(transaction, call.Params[1]);
        bool isReplaceable = transaction.Inputs.Any(static input => input.Sequence.Value <= MaxReplaceable);
        if (call.IsGiven(3) && replaceable && transaction.Inputs.Count > 0 && !isReplaceable)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Invalid parameter combination: Sequence number(s) contradict replaceable option");
        }

        return transaction;
    }

    /// <summary>Serialises a transaction. NBitcoin refuses to write one without inputs.</summary>
    private static byte[] Bytes(Transaction transaction)
    {
        if (transaction.Inputs.Count > 0)
        {
            return transaction.ToBytes();
        }

        WireWriter writer = new WireWriter().UInt32(transaction.Version).Count(0).Count(transaction.Outputs.Count);
        foreach (TxOut output in transaction.Outputs)
        {
            byte[] script = output.ScriptPubKey.ToBytes();
            writer.Int64(output.Value.Satoshi).Count(script.Length).Bytes(script);
        }

        return writer.UInt32(transaction.LockTime.Value).ToArray();
    }

    private static void AddInputs(Transaction transaction, JsonArray inputs, bool replaceable)
    {
        foreach (JsonNode? item in inputs)
        {
            JsonObject input = RpcValues.Map(item);
            uint256 txid = RpcValues.Hash(RpcValues.Text(input["txid"]), "txid");
            if (Inputs.KindOf(input["vout"]) != System.Text.Json.JsonValueKind.Number)
            {
                throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, missing vout key");
            }

            int index = RpcValues.Int(input["vout"]);
            if (index < 0)
            {
                throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, vout cannot be negative");
            }

            uint sequence = replaceable
                ? MaxReplaceable
                : transaction.LockTime.Value != 0
                ? Sequence.SEQUENCE_FINAL - 1
                : Sequence.SEQUENCE_FINAL;
            if (Inputs.KindOf(input["sequence"]) == System.Text.Json.JsonValueKind.Number)
            {
                long given = RpcValues.Long(input["sequence"]);
                sequence = given is >= 0 and <= uint.MaxValue
                    ? (uint)given
                    : throw Inputs.Error(
                        RpcErrorCode.InvalidParameter, "Invalid parameter, sequence number is out of range");
            }

            transaction.Inputs.Add(new OutPoint(txid, index), Script.Empty, null, new Sequence(sequence));
        }
    }

    private void AddOutputs(Transaction transaction, JsonNode? outputs)
    {
        // IEnumerable by type: as one branch of several, a collection expression would become a JsonObject.
        IEnumerable<KeyValuePair<string, JsonNode?>> pairs = outputs switch
        {
            JsonObject map => map.AsEnumerable(),
            JsonArray list => list.Select(static item => item is JsonObject { Count: 1 } one ? one.First()
                : throw Inputs.Error(
                    RpcErrorCode.InvalidParameter,
                    item is JsonObject
                        ? "Invalid parameter, key-value pair must contain exactly one key"
                        : "Invalid parameter, key-value pair not an object as expected")),
            null => throw Inputs.Error(
                RpcErrorCode.InvalidParameter, "Invalid parameter, output argument must be non-null"),
            _ => throw RpcValues.WrongType(outputs, "array"),
        };
        HashSet<Script> scripts = [];
        bool hasData = false;
        foreach ((string given, JsonNode? value) in pairs)
        {
            string name = JsonReading.NameOf(given);
            if (name == "data")
            {
                if (hasData)
                {
                    throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, duplicate key: data");
                }

                hasData = true;
                byte[] data = Inputs.Hex(
                    Inputs.KindOf(value) == System.Text.Json.JsonValueKind.String
                        ? value!.GetValue<string>()
                        : value?.ToJsonString() ?? "",
                    "Data");
                transaction.Outputs.Add(Money.Zero, Script.FromBytesUnsafe([0x6a, .. Op.GetPushOp(data).ToBytes()]));
                continue;
            }

            Script script = node.Address(name, $"Invalid Bitcoin address: {name}");
            if (!scripts.Add(script))
            {
                throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Invalid parameter, duplicated address: {name}");
            }

            transaction.Outputs.Add(Money.Satoshis(RpcValues.Amount(value)), script);
        }
    }

    private JsonNode Decode(RpcCall call)
    {
        string hex = call.Text(0);
        bool? isWitness = call.IsGiven(1) ? call.Bool(1) : null;
        return TryDecode(hex, isWitness, out Transaction? transaction)
            ? Values.Transaction(transaction!, Network, hasHex: false)
            : throw Inputs.Error(RpcErrorCode.Deserialization, "TX decode failed");
    }

    /// <summary>
    /// Decodes a transaction. Without inputs it looks like one with a witness, so both ways are tried.
    /// </summary>
    internal bool TryDecode(string hex, bool? isWitness, out Transaction? transaction)
    {
        transaction = null;
        return Inputs.TryHex(hex, out byte[] bytes)
            && ((isWitness != false
                && BlockParser.TryParse(bytes, Network, out transaction)
                && (isWitness is not null || transaction!.Inputs.Count > 0))
                || (isWitness != true && BlockParser.TryParse(bytes, Network, out transaction, allowsNoInputs: true)));
    }

    private JsonNode DecodeScript(RpcCall call)
    {
        string hex = call.Text(0);
        byte[] bytes = Inputs.TryHex(hex, out byte[] parsed)
            ? parsed
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, $"argument must be hexadecimal string (not '{hex}')");
        Script script = Script.FromBytesUnsafe(bytes);
        JsonObject result = Values.ScriptPubKey(script, Network, hasHex: false);
        ScriptKind kind = ScriptKinds.Of(script);
        bool canWrap =
            kind is ScriptKind.Multisig
                or ScriptKind.Nonstandard
                or ScriptKind.PublicKey
                or ScriptKind.PublicKeyHash
                or ScriptKind.WitnessKeyHash
                or ScriptKind.WitnessScriptHash
            && HasOnlyKnownOperations(bytes) && !CoinLayer.IsUnspendable(script) && !HasOperationOfTapscript(bytes);
        if (!canWrap)
        {
            return result;
        }

        result["p2sh"] = Address.Format(script.Hash.ScriptPubKey, Network);
        if (kind is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash || !CanBeWitness(bytes, kind))
        {
            return result;
        }

        Script program = kind switch
        {
            ScriptKind.PublicKey
                => new KeyId(NBitcoin.Crypto.Hashes.Hash160(bytes[1..^1])).ScriptPubKey is var hashed
                    ? Address.Program(0, hashed.ToBytes()[3..23])
                    : script,
            ScriptKind.PublicKeyHash => Address.Program(0, bytes[3..23]),
            _ => script.WitHash.ScriptPubKey,
        };
        JsonObject segwit = Values.ScriptPubKey(program, Network);
        if (kind is ScriptKind.PublicKey or ScriptKind.Multisig)
        {
            string inner = Infer.Of(script, Network).Split('#')[0];
            segwit["desc"] = DescriptorChecksum.Append(
                kind == ScriptKind.PublicKey ? $"wpkh({Convert.ToHexStringLower(bytes[1..^1])})" : $"wsh({inner})");
        }

        segwit["p2sh-segwit"] = Address.Format(program.Hash.ScriptPubKey, Network);
        result["segwit"] = segwit;
        return result;
    }

    private static bool CanBeWitness(byte[] script, ScriptKind kind) => kind switch
    {
        ScriptKind.PublicKey => script.Length == 35,
        ScriptKind.Multisig
            => ScriptKinds.TryMultisig(script, out _, out List<byte[]> keys)
                && keys.TrueForAll(static key => key.Length == 33),
        _ => true,
    };

    /// <summary>Whether all operations of a script are known in some kind of script.</summary>
    internal static bool HasOnlyKnownOperations(ReadOnlySpan<byte> script)
    {
        const byte Last = 0xb9;
        while (!script.IsEmpty)
        {
            if (!SignatureOperations.TryStep(ref script, out byte code, out ReadOnlySpan<byte> data)
                || code > Last
                || data.Length > 520)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a script has an operation that has a meaning only in a tapscript, or makes every tapscript succeed.
    /// </summary>
    private static bool HasOperationOfTapscript(ReadOnlySpan<byte> script)
    {
        while (!script.IsEmpty && SignatureOperations.TryStep(ref script, out byte code, out _))
        {
            if (code is 0xba
                or 0x50
                or 0x62
                or (>= 126 and <= 129)
                or (>= 131 and <= 134)
                or 137
                or 138
                or 141
                or 142
                or (>= 149 and <= 153)
                or (>= 187 and <= 254))
            {
                return true;
            }
        }

        return false;
    }

    private JsonNode Combine(RpcCall call)
    {
        JsonArray given = RpcValues.List(call.Params[0]);
        Transaction[] transactions =
            [
                .. given.Select(
                    (item, i)
                        => TryDecode(RpcValues.Text(item), null, out Transaction? transaction)
                            ? transaction!
                            : throw Inputs.Error(
                                RpcErrorCode.Deserialization,
                                $"TX decode failed for tx {i}. Make sure the tx has at least one input.")),
            ];
        if (transactions.Length < 2)
        {
            throw Inputs.Error(
                RpcErrorCode.Deserialization, "Missing transactions. At least two transactions required.");
        }

        // Without their signatures, all of them must be equal.
        uint256 unsigned = Unsigned(transactions[0]);
        int odd = Array.FindIndex(transactions, other => Unsigned(other) != unsigned);
        if (odd >= 0)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"Transaction number {odd + 1} not compatible with first transaction");
        }

        Transaction merged = transactions[0].Clone();
        for (int i = 0; i < merged.Inputs.Count; i++)
        {
            UnspentCoin coin = FindCoin(merged.Inputs[i].PrevOut)
                ?? throw Inputs.Error(-25, "Input not found or already spent");
            foreach (Transaction other in transactions.Skip(1).Where(other => other.Inputs.Count > i))
            {
                if (merged.Inputs[i].ScriptSig == other.Inputs[i].ScriptSig
                    && Same(merged.Inputs[i].WitScript, other.Inputs[i].WitScript))
                {
                    continue;
                }

                ScriptSigs ours = new() { ScriptSig = merged.Inputs[i].ScriptSig, WitSig = merged.Inputs[i].WitScript };
                ScriptSigs theirs = new() { ScriptSig = other.Inputs[i].ScriptSig, WitSig = other.Inputs[i].WitScript };
                ScriptSigs both = Script.CombineSignatures(
                    coin.Script, new TransactionChecker(merged, i, coin.ToOutput()), ours, theirs);
                merged.Inputs[i].ScriptSig = both.ScriptSig ?? Script.Empty;
                merged.Inputs[i].WitScript = both.WitSig ?? WitScript.Empty;
            }
        }

        return Convert.ToHexStringLower(merged.ToBytes());
    }

    private static bool Same(WitScript? one, WitScript? other)
        => (one ?? WitScript.Empty).ToBytes().AsSpan().SequenceEqual((other ?? WitScript.Empty).ToBytes());

    private static uint256 Unsigned(Transaction transaction)
    {
        Transaction copy = transaction.Clone();
        foreach (TxIn input in copy.Inputs)
        {
            input.ScriptSig = Script.Empty;
            input.WitScript = WitScript.Empty;
        }

        return copy.GetHash();
    }

    internal UnspentCoin? FindCoin(OutPoint id)
    {
        lock (node.Tree.Gate)
        {
            return node.Pool.FindCoin(id);
        }
    }

    private JsonNode Sign(RpcCall call)
    {
        Transaction transaction = TryDecode(call.Text(0), null, out Transaction? decoded)
            ? decoded!.Clone()
            : throw Inputs.Error(
                RpcErrorCode.Deserialization, "TX decode failed. Make sure the tx has at least one input.");
        List<Key> keys =
            [
                .. RpcValues.List(call.Params[1])
                    .Select(
                        item => TryKey(RpcValues.Text(item)) ?? throw Inputs.Error(
                            RpcErrorCode.InvalidAddressOrKey, "Invalid private key")),
            ];
        return new RawSigner(node, FindCoin).Sign(
            transaction, keys, call.Params[2] as JsonArray, call.IsGiven(3) ? call.Text(3) : null);
    }

    private Key? TryKey(string text)
    {
        try
        {
            return new BitcoinSecret(text, Network.Network).PrivateKey;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private JsonNode SubmitPackage(RpcCall call)
    {
        JsonArray raw = RpcValues.List(call.Params[0]);
        if (raw.Count is < 1 or > PoolPackages.MaxCount)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                $"Array must contain between 1 and {PoolPackages.MaxCount} transactions.");
        }

        Transaction[] transactions =
            [
                .. raw.Select(
                    item => node.Transaction(
                        RpcValues.Text(item), $"TX decode failed: {item} Make sure the tx has at least one input.")),
            ];
        RelayRate? most = MempoolCommands.MaxFeeRate(call, 1) is { PerKilobyte: > 0 } rate ? rate : null;
        Array.ForEach(transactions, transaction => MempoolCommands.CheckBurn(call, 2, transaction));
        string? error;
        List<PoolResult> results;
        IReadOnlyList<Transaction> joint;
        lock (node.Tree.Gate)
        {
            (error, results, joint) = node.Pool.Packages.Submit(transactions, most);
        }

        if (error is "package-not-child-with-parents")
        {
            throw Inputs.Error(
                -25, "package topology disallowed. not child-with-parents or parents depend on each other.");
        }

        JsonObject byHash = [];
        HashSet<string> replaced = [];
        for (int i = 0; i < transactions.Length; i++)
        {
            Transaction transaction = transactions[i];
            JsonObject value = new() { ["txid"] = transaction.GetHash().ToString() };
            byHash[transaction.GetWitHash().ToString()] = value;
            if (i >= results.Count)
            {
                value["error"] = "package-not-validated";
                continue;
            }

            PoolEntry? entry;
            lock (node.Tree.Gate)
            {
                entry = node.Pool.Find(transaction.GetHash());
            }

            if (entry is null)
            {
                value["error"] = results[i].Refusal?.ToString() ?? "unknown";
                continue;
            }

            value["vsize_adjusted"] = entry.Size;
            value["vsize"] = entry.Size;
            value["vsize_bip141"] = (entry.Weight + 3) / 4;
            JsonObject fees = new() { ["base"] = JsonText.Amount(entry.Fee) };
            if (results[i].Refusal is null)
            {
                Transaction[] together = joint.Contains(transaction) ? [.. joint] : [transaction];
                PoolEntry[] entries =
                    [
                        .. together.Select(other => node.Pool.Find(other.GetHash())).OfType<PoolEntry>(),
                    ];
                fees["effective-feerate"] = JsonText.Amount(
                    RelayRate.Of(
                        entries.Sum(static one => one.ModifiedFee),
                        entries.Sum(static one => (long)one.Size)).PerKilobyte);
                fees["effective-includes"] = Values.Strings(
                    together.Select(static other => other.GetWitHash().ToString()));
                node.Peers?.Announce(transaction);
            }

            value["fees"] = fees;
            foreach (PoolEntry gone in results[i].Replaced ?? [])
            {
                replaced.Add(gone.Txid.ToString());
            }
        }

        return new JsonObject
        {
            ["package_msg"] = error ?? "success",
            ["tx-results"] = byHash,
            ["replaced-transactions"] = Values.Strings(replaced),
        };
    }
}
