using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Spending;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Reads the inputs and outputs of a new transaction.</summary>
internal sealed class Drafts(WalletRpc rpc)
{

    /// <summary>Reads the outputs: amounts by address, in order, and data under the name "data".</summary>
    internal static List<(string Name, JsonNode? Value)> Outputs(JsonNode? given)
    {
        switch (given)
        {
            case null:
                throw Args.Invalid("Invalid parameter, output argument must be non-null");
            case JsonObject map:
                return [.. map.Select(static pair => (JsonReading.NameOf(pair.Key), pair.Value))];
        }

        List<(string, JsonNode?)> outputs = [];
        foreach (JsonNode? item in RpcValues.List(given))
        {
            JsonObject one = item as JsonObject
                ?? throw Args.Invalid("Invalid parameter, key-value pair not an object as expected");
            if (one.Count != 1)
            {
                throw Args.Invalid("Invalid parameter, key-value pair must contain exactly one key");
            }

            outputs.AddRange(one.Select(static pair => (pair.Key, pair.Value)));
        }

        return outputs;
    }

    internal List<TxOut> Parse(List<(string Name, JsonNode? Value)> outputs)
    {
        HashSet<Script> seen = [];
        List<TxOut> parsed = [];
        bool hasData = false;
        foreach ((string name, JsonNode? value) in outputs)
        {
            if (name == "data")
            {
                if (hasData)
                {
                    throw Args.Invalid("Invalid parameter, duplicate key: data");
                }

                hasData = true;
                string hex = RpcValues.TypeOf(value) == "string" ? RpcValues.Text(value) : value?.ToJsonString() ?? "";
                byte[] data = hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit)
                    ? Convert.FromHexString(hex)
                    : throw Args.Invalid($"Data must be hexadecimal string (not '{hex}')");
                parsed.Add(new TxOut(Money.Zero, new Script([OpcodeType.OP_RETURN, Op.GetPushOp(data)])));
                continue;
            }

            bool isAddress = Address.TryParse(name, rpc.Network, out Script? script);
            long amount = RpcValues.Amount(value);
            if (!isAddress)
            {
                throw new RpcException(
                    RpcErrorCode.InvalidAddressOrKey, $"Invalid {Currency.Names.Currency} address: {name}");
            }

            if (!seen.Add(script!))
            {
                throw Args.Invalid($"Invalid parameter, duplicated address: {name}");
            }

            parsed.Add(new TxOut(Money.Satoshis(amount), script));
        }

        return parsed;
    }

    /// <summary>Creates a transaction from inputs and outputs.</summary>
    internal Transaction Make(JsonNode? inputs, JsonNode? outputs, JsonNode? lockTime, bool replaces, long version)
    {
        Transaction transaction = rpc.Network.Network.CreateTransaction();
        if (lockTime is not null)
        {
            long time = RpcValues.Long(lockTime);
            transaction.LockTime = time is >= 0 and <= uint.MaxValue
                ? new LockTime((uint)time)
                : throw Args.Invalid("Invalid parameter, locktime out of range");
        }

        if (version is < 1 or > 3)
        {
            throw Args.Invalid("Invalid parameter, version out of range(1~3)");
        }

        transaction.Version = (uint)version;
        foreach (JsonNode? item in inputs is null ? [] : RpcValues.List(inputs))
        {
            JsonObject input = RpcValues.Map(item);
            uint256 txid = RpcValues.Hash(input["txid"], "txid");
            if (RpcValues.TypeOf(input["vout"]) != "number")
            {
                throw Args.Invalid("Invalid parameter, missing vout key");
            }

            int index = RpcValues.Int(input["vout"]);
            if (index < 0)
            {
                throw Args.Invalid("Invalid parameter, vout cannot be negative");
            }

            uint sequence = replaces ? 0xfffffffd : transaction.LockTime.Value != 0 ? 0xfffffffe : uint.MaxValue;
            if (RpcValues.TypeOf(input["sequence"]) == "number")
            {
                long given = RpcValues.Long(input["sequence"]);
                sequence = given is >= 0 and <= uint.MaxValue
                    ? (uint)given
                    : throw Args.Invalid("Invalid parameter, sequence number is out of range");
            }

            transaction.Inputs.Add(new TxIn(new OutPoint(txid, index)) { Sequence = sequence });
        }

        Parse(Outputs(outputs)).ForEach(output => transaction.Outputs.Add(output));
        if (replaces
            && transaction.Inputs.Count > 0
            && !transaction.Inputs.Exists(static input => input.Sequence.Value <= 0xfffffffd))
        {
            throw Args.Invalid("Invalid parameter combination: Sequence number(s) contradict replaceable option");
        }

        return transaction;
    }

    /// <summary>The outputs that pay the fee.</summary>
    internal static HashSet<int> PaysFee(JsonNode? given, IReadOnlyList<string> names)
    {
        HashSet<int> places = [];
        foreach (JsonNode? item in given is null ? [] : RpcValues.List(given))
        {
            const string Prefix = "Invalid parameter 'subtract fee from output', ";
            int place;
            switch (RpcValues.TypeOf(item))
            {
                case "string":
                    place = names.ToList().IndexOf(RpcValues.Text(item));
                    if (place < 0)
                    {
                        throw Args.Invalid($"{Prefix}destination {RpcValues.Text(item)} not found in tx outputs");
                    }

                    break;
                case "number":
                    place = RpcValues.Int(item);
                    break;
                default:
                    throw Args.Invalid($"{Prefix}invalid value type: {RpcValues.TypeOf(item)}");
            }

            string? wrong = places.Contains(place) ? $"duplicated position: {place}"
                : place < 0 ? $"negative position: {place}"
                : place >= names.Count ? $"position too large: {place}"
                : null;
            if (wrong is not null)
            {
                throw Args.Invalid(Prefix + wrong);
            }

            places.Add(place);
        }

        return places;
    }

    internal static List<Recipient> Recipients(IReadOnlyList<TxOut> outputs, HashSet<int> payers)
        =>
            [
                .. outputs.Select(
                    (output, i) => new Recipient(output.ScriptPubKey, output.Value.Satoshi, payers.Contains(i))),
            ];
}
