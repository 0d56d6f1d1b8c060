using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Reads the arguments of methods, and refuses invalid ones in Bitcoin Core's words.</summary>
internal static class Inputs
{
    private const int HashDigits = 64;

    internal static RpcException Error(int code, string message) => new(code, message);

    internal static bool IsGiven(this RpcCall call, int index) => call.Params[index] is not null;

    internal static uint256 Hash(string text, string name)
    {
        return text.Length != HashDigits ? throw Error(
            RpcErrorCode.InvalidParameter, $"{name} must be of length {HashDigits} (not {text.Length}, for '{text}')")
            : uint256.TryParse(text, out uint256? hash) ? hash!
            : throw Error(RpcErrorCode.InvalidParameter, $"{name} must be hexadecimal string (not '{text}')");
    }

    internal static byte[] Hex(string text, string name)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            throw Error(RpcErrorCode.InvalidParameter, $"{name} must be hexadecimal string (not '{text}')");
        }
    }

    internal static bool TryHex(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        bytes = Convert.FromHexString(text);
        return true;
    }

    internal static JsonValueKind KindOf(JsonNode? value) => value?.GetValueKind() ?? JsonValueKind.Null;

    internal static string TypeName(JsonNode? value) => KindOf(value) switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    internal static RpcException WrongType(JsonNode? value, string expected)
        => Error(RpcErrorCode.Type, $"JSON value of type {TypeName(value)} is not of expected type {expected}");

    internal static string String(JsonNode? value)
        => KindOf(value) == JsonValueKind.String ? value!.GetValue<string>() : throw WrongType(value, "string");

    internal static JsonObject Object(JsonNode? value) => value as JsonObject ?? throw WrongType(value, "object");

    internal static JsonArray Array(JsonNode? value) => value as JsonArray ?? throw WrongType(value, "array");

    internal static bool Bool(JsonNode? value)
        => KindOf(value) is JsonValueKind.True or JsonValueKind.False
            ? value!.GetValue<bool>()
            : throw WrongType(value, "bool");

    internal static long Long(JsonNode? value)
    {
        return KindOf(value) != JsonValueKind.Number ? throw WrongType(value, "number")
            : long.TryParse(
                value!.ToJsonString(),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out long number) ? number
            : throw Error(RpcErrorCode.Misc, "JSON integer out of range");
    }

    internal static int Int(JsonNode? value)
        => Long(value) is var number and >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw Error(RpcErrorCode.Misc, "JSON integer out of range");

    /// <summary>An amount of bitcoins, as a number or as text, in satoshis.</summary>
    internal static long Amount(JsonNode? value, int decimals = 8)
    {
        string text = KindOf(value) switch
        {
            JsonValueKind.Number => value!.ToJsonString(),
            JsonValueKind.String => value!.GetValue<string>(),
            _ => throw Error(RpcErrorCode.Type, "Amount is not a number or string"),
        };
        bool isNumber = decimal.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out decimal amount);
        decimal scaled = isNumber && Math.Abs(amount) < 1_000_000_000_000m
            ? amount * (decimal)Math.Pow(10, decimals)
            : -1;
        bool isExact = isNumber
            && scaled == decimal.Truncate(scaled)
            && text.Length > 0
            && !text.StartsWith('+')
            && !text.StartsWith('.');
        if (!isExact)
        {
            throw Error(RpcErrorCode.Type, "Invalid amount");
        }

        return scaled is >= 0 and <= 2_100_000_000_000_000m
            ? (long)scaled
            : throw Error(RpcErrorCode.Type, "Amount out of range");
    }

    /// <summary>The level of detail, as a number, or in an older form as true or false.</summary>
    internal static int Verbosity(this RpcCall call, int index, int byDefault, bool allowsBool = true)
        => KindOf(call.Params[index]) switch
    {
        JsonValueKind.Null => byDefault,
        JsonValueKind.True or JsonValueKind.False
            => allowsBool
                ? (call.Params[index]!.GetValue<bool>() ? 1 : 0)
                : throw Error(RpcErrorCode.Type, "Verbosity was boolean but only integer allowed"),
        _ => Int(call.Params[index]),
    };

    /// <summary>A block of any branch, by its hash.</summary>
    internal static ChainBlock Block(this NodeContext node, RpcCall call, int index, string name = "blockhash")
    {
        return node.Tree.Find(call.Hash(index, name))
            ?? throw Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
    }

    /// <summary>A block of the active chain by its height, or of any branch by its hash.</summary>
    internal static ChainBlock BlockByHashOrHeight(this NodeContext node, JsonNode? value)
    {
        if (KindOf(value) != JsonValueKind.Number)
        {
            return node.Tree.Find(Hash(String(value), "hash_or_height"))
                ?? throw Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
        }

        int height = Int(value);
        int tip = node.Tree.Tip.Height;
        return height < 0 ? throw Error(RpcErrorCode.InvalidParameter, $"Target block height {height} is negative")
            : height > tip ? throw Error(
                RpcErrorCode.InvalidParameter, $"Target block height {height} after current tip {tip}")
            : node.Tree.AtHeight(height)!;
    }

    /// <summary>A block's transactions.</summary>
    internal static Block ReadBlock(this NodeContext node, ChainBlock block)
    {
        if (!node.Tree.HasData(block))
        {
            throw Error(
                RpcErrorCode.Misc,
                node.Tree.HasPruned && block.TransactionCount > 0
                    ? "Block not available (pruned data)"
                    : "Block not available (not fully downloaded)");
        }

        try
        {
            return node.Tree.Read(block)!;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw Error(RpcErrorCode.Misc, "Block not found on disk");
        }
    }

    internal static Transaction Transaction(this NodeContext node, string hex, string failure = "TX decode failed")
    {
        return TryHex(hex, out byte[] bytes)
            && BlockParser.TryParse(bytes, node.Tree.Network, out Transaction? transaction)
            ? transaction
            : throw Error(RpcErrorCode.Deserialization, failure);
    }

    internal static Script Address(this NodeContext node, string text, string failure = "Invalid address")
    {
        return Primitives.Address.TryParse(text, node.Tree.Network, out Script? script)
            ? script
            : throw Error(RpcErrorCode.InvalidAddressOrKey, failure);
    }
}
