using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>An unsigned transaction from the inputs and outputs that a caller names.</summary>
internal static class NewTransaction
{
    /// <summary>The largest sequence number with which an input makes its transaction replaceable.</summary>
    internal const uint MaxReplaceable = 0xfffffffd;

    /// <summary>Creates it from the first five arguments of a call.</summary>
    internal static Transaction From(NodeContext node, RpcCall call)
    {
        const uint DefaultVersion = 2;
        Transaction transaction = node.Tree.Network.Network.CreateTransaction();
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
        AddOutputs(node, transaction, call.Params[1]);
        bool isReplaceable = transaction.Inputs.Any(static input => input.Sequence.Value <= MaxReplaceable);
        if (call.IsGiven(3) && replaceable && transaction.Inputs.Count > 0 && !isReplaceable)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Invalid parameter combination: Sequence number(s) contradict replaceable option");
        }

        return transaction;
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

    private static void AddOutputs(NodeContext node, Transaction transaction, JsonNode? outputs)
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

            Script script = node.Address(name, $"Invalid {Currency.Names.Currency} address: {name}");
            if (!scripts.Add(script))
            {
                throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Invalid parameter, duplicated address: {name}");
            }

            transaction.Outputs.Add(Money.Satoshis(RpcValues.Amount(value)), script);
        }
    }

    /// <summary>Serializes a transaction. NBitcoin refuses to write one without inputs.</summary>
    internal static byte[] Bytes(Transaction transaction)
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
}
