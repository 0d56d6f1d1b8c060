using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Blocks, transactions and scripts as JSON, with Bitcoin Core's fields.</summary>
internal static class Values
{
    internal static double Difficulty(uint bits)
    {
        int shift = (int)(bits >> 24) & 0xff;
        double difficulty = (double)0x0000ffff / (bits & 0x00ffffff);
        for (; shift < 29; shift++)
        {
            difficulty *= 256.0;
        }

        for (; shift > 29; shift--)
        {
            difficulty /= 256.0;
        }

        return difficulty;
    }

    /// <summary>The node's warnings: all of them, or as older clients expect it, the last one.</summary>
    internal static JsonNode WarningsValue(this NodeContext node)
    {
        IReadOnlyList<string> warnings = node.Messages.Warnings;
        return node.Settings?.All("deprecatedrpc").Contains("warnings") == true
            ? warnings.LastOrDefault("")
            : Array(warnings.Select(static warning => (JsonNode)warning));
    }

    internal static string Hex(uint value) => value.ToString("x8", CultureInfo.InvariantCulture);

    internal static string Hex64(BigInteger value)
    {
        string text = value.ToString("x64", CultureInfo.InvariantCulture);
        return text.Length > 64 ? text[^64..] : text;
    }

    internal static string Target(uint bits)
        => CompactTarget.TryExpand(bits, out BigInteger target) ? Hex64(target) : Hex64(0);

    internal static JsonArray Strings(IEnumerable<string> values)
        => new([.. values.Select(static value => (JsonNode)value)]);

    internal static JsonArray Array(IEnumerable<JsonNode?> values) => new([.. values]);

    internal static JsonObject Header(BlockTree tree, ChainBlock block)
    {
        uint bits = block.Header.Bits.ToCompact();
        bool isActive = tree.IsActive(block);
        JsonObject header = new()
        {
            ["hash"] = block.Hash.ToString(),
            ["confirmations"] = isActive ? tree.Tip.Height - block.Height + 1 : -1,
            ["height"] = block.Height,
            ["version"] = block.Header.Version,
            ["versionHex"] = Hex((uint)block.Header.Version),
            ["merkleroot"] = block.Header.HashMerkleRoot.ToString(),
            ["time"] = block.Time,
            ["mediantime"] = block.MedianTimePast,
            ["nonce"] = block.Header.Nonce,
            ["bits"] = Hex(bits),
            ["target"] = Target(bits),
            ["difficulty"] = JsonText.Real(Difficulty(bits)),
            ["chainwork"] = Hex64(block.ChainWork),
            ["nTx"] = block.TransactionCount,
        };
        if (block.Previous is not null)
        {
            header["previousblockhash"] = block.Previous.Hash.ToString();
        }

        if (isActive && tree.AtHeight(block.Height + 1) is { } next)
        {
            header["nextblockhash"] = next.Hash.ToString();
        }

        return header;
    }

    /// <summary>A block.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="place">Its place.</param>
    /// <param name="block">The block.</param>
    /// <param name="verbosity">
    /// 1 for the ids of the transactions, 2 for the transactions, 3 also for the outputs that they spend.
    /// </param>
    internal static JsonObject Block(BlockTree tree, ChainBlock place, Block block, int verbosity)
    {
        JsonObject result = Header(tree, place);
        result["strippedsize"] = block.Stripped();
        result["size"] = block.Total();
        result["weight"] = block.Weight();
        Transaction coinbase = block.Transactions[0];
        JsonObject summary = new()
        {
            ["version"] = (long)tree.Network.Currency.ExtensionOf(coinbase).Version,
            ["locktime"] = (long)coinbase.LockTime.Value,
            ["sequence"] = (long)coinbase.Inputs[0].Sequence.Value,
            ["coinbase"] = Convert.ToHexStringLower(coinbase.Inputs[0].ScriptSig.ToBytes()),
        };
        if (coinbase.Inputs[0].WitScript is { PushCount: > 0 } witness)
        {
            summary["witness"] = Convert.ToHexStringLower(witness.GetUnsafePush(0));
        }

        result["coinbase_tx"] = summary;
        List<UnspentCoin[]>? undo = verbosity >= 2 ? Undo(tree, place) : null;
        result["tx"] = Array(
            block.Transactions.Select(
                (transaction, i) => verbosity <= 1 ? transaction.GetHash().ToString() : (JsonNode)Transaction(
                    transaction, tree.Network, i == 0 ? null : undo?[i - 1], verbosity)));
        return result;
    }

    private static List<UnspentCoin[]>? Undo(BlockTree tree, ChainBlock place)
    {
        try
        {
            return tree.ReadUndo(place);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw Inputs.Error(
                RpcErrorCode.InternalError,
                "Undo data expected but can't be read. This could be due to disk corruption or a conflict with a "
                    + "pruning event.");
        }
    }

    /// <summary>A transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="network">The network of the addresses.</param>
    /// <param name="spent">The outputs that it spends, from which the fee follows; null if unknown.</param>
    /// <param name="verbosity">3 to include the outputs that it spends.</param>
    /// <param name="hasHex">Whether to include its bytes.</param>
    internal static JsonObject Transaction(
        Transaction transaction,
        NetworkParameters network,
        IReadOnlyList<UnspentCoin>? spent = null,
        int verbosity = 2,
        bool hasHex = true)
    {
        TransactionExtension extension = network.Currency.ExtensionOf(transaction);
        JsonObject value = new()
        {
            ["txid"] = transaction.GetHash().ToString(),
            ["hash"] = transaction.GetWitHash().ToString(),
            ["version"] = (long)extension.Version,
            ["size"] = transaction.Total(),
            ["vsize"] = transaction.VirtualSize(),
            ["weight"] = transaction.Weight(),
            ["locktime"] = (long)transaction.LockTime.Value,
            ["vin"] = Array(
                transaction.Inputs.Select(
                    (input, i) => (JsonNode)Input(
                        input, transaction.IsCoinBase, network, verbosity >= 3 ? spent?[i] : null))),
            ["vout"] = Array(transaction.Outputs.Select((output, i) => (JsonNode)Output(output, i, network))),
        };
        foreach ((string name, object shown) in extension.Fields)
        {
            value[name] = shown is long number ? JsonValue.Create(number) : JsonValue.Create((string)shown);
        }

        if (spent is not null)
        {
            value["fee"] = JsonText.Amount(
                spent.Sum(static coin => coin.Value) - transaction.Outputs.Sum(static output => output.Value.Satoshi));
        }

        if (hasHex)
        {
            value["hex"] = Convert.ToHexStringLower(transaction.ToBytes());
        }

        return value;
    }

    /// <summary>
    /// Adds the parts of a block's subsidy that are meant for others than its miner, if there are any.
    /// </summary>
    internal static void AddShares(JsonObject value, NetworkParameters network, ChainBlock? parent)
    {
        BlockReward reward = ProofOfWork.Reward(network, parent);
        if (reward.Shares.Count > 0)
        {
            value["shares"] = new JsonObject(reward.Shares.Select(
                static share => new KeyValuePair<string, JsonNode?>(share.Key, share.Value)));
            value["mostcoinbasevalue"] = reward.Most;
        }
    }

    internal static JsonObject Output(TxOut output, int index, NetworkParameters network)
    {
        return new JsonObject
        {
            ["value"] = JsonText.Amount(output.Value.Satoshi),
            ["n"] = index,
            ["scriptPubKey"] = ScriptPubKey(output.ScriptPubKey, network),
        };
    }

    internal static JsonObject ScriptPubKey(Script script, NetworkParameters network, bool hasHex = true)
    {
        ScriptKind kind = ScriptKinds.Of(script);
        JsonObject value = new()
        {
            ["asm"] = ScriptText.Format(script),
            ["desc"] = Descriptors.Infer.Of(script, network),
        };
        if (hasHex)
        {
            value["hex"] = script.ToHex();
        }

        if (kind != ScriptKind.PublicKey && Address.Format(script, network) is { } address)
        {
            value["address"] = address;
        }

        value["type"] = kind.Name();
        return value;
    }

    private static JsonObject Input(TxIn input, bool isCoinbase, NetworkParameters network, UnspentCoin? spent)
    {
        JsonObject value = [];
        string script = input.ScriptSig.ToHex();
        if (isCoinbase)
        {
            value["coinbase"] = script;
        }
        else
        {
            value["txid"] = input.PrevOut.Hash.ToString();
            value["vout"] = (long)input.PrevOut.N;
            value["scriptSig"] = new JsonObject
            {
                ["asm"] = ScriptText.Format(input.ScriptSig, showsHashTypes: true),
                ["hex"] = script,
            };
        }

        if (input.WitScript is { PushCount: > 0 } witness)
        {
            value["txinwitness"] = Strings(witness.Pushes.Select(Convert.ToHexStringLower));
        }

        if (spent is not null)
        {
            value["prevout"] = new JsonObject
            {
                ["generated"] = spent.IsCoinbase,
                ["height"] = spent.Height,
                ["value"] = JsonText.Amount(spent.Value),
                ["scriptPubKey"] = ScriptPubKey(spent.Script, network),
            };
        }

        value["sequence"] = (long)input.Sequence.Value;
        return value;
    }
}
