using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about transactions: create, decode, look up, sign with given keys.</summary>
internal sealed class RawTransactionCommands(NodeContext node)
{
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
            call => Convert.ToHexStringLower(NewTransaction.Bytes(NewTransaction.From(node, call))));
        group.Add(
            "decoderawtransaction",
            "hexstring:text iswitness:bool?",
            "Return a JSON object representing the serialized, hex-encoded transaction.",
            Decode);
        group.Add(
            "decodescript",
            "hexstring:text",
            "Decode a hex-encoded script.",
            call => ScriptDecoding.Decode(call, Network));
        group.Add(
            "combinerawtransaction",
            "txs:list",
            "Combine multiple partially signed transactions into one transaction.\nThe combined transaction may be "
                + "another partially signed transaction or a \nfully signed transaction.",
            Combine);
        group.Add(
            "signrawtransactionwithkey",
            "hexstring:text privkeys:list! prevtxs:list? sighashtype:text?",
            "Sign inputs for raw transaction (serialized, hex-encoded).",
            Sign);
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

    private JsonNode Combine(RpcCall call)
    {
        Transaction[] transactions =
            [
                .. RpcValues.List(call.Params[0]).Select(
                    (item, i)
                        => TryDecode(RpcValues.Text(item), null, out Transaction? transaction)
                            ? transaction!
                            : throw Inputs.Error(
                                RpcErrorCode.Deserialization,
                                $"TX decode failed for tx {i}. Make sure the tx has at least one input.")),
            ];
        return Convert.ToHexStringLower(SignatureMerge.Of(transactions, FindCoin).ToBytes());
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
        using PrivateKeys keys = PrivateKeys.From(call, 1, Network);
        return new RawSigner(node, FindCoin).Sign(
            transaction, [.. keys.All], call.Params[2] as JsonArray, call.IsGiven(3) ? call.Text(3) : null);
    }
}
