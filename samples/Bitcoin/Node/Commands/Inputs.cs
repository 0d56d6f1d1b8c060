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
    internal static RpcException Error(int code, string message) => new(code, message);

    internal static bool IsGiven(this RpcCall call, int index) => call.Params[index] is not null;

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

    /// <summary>The level of detail, as a number, or in an older form as true or false.</summary>
    internal static int Verbosity(this RpcCall call, int index, int byDefault, bool allowsBool = true)
        => KindOf(call.Params[index]) switch
    {
        JsonValueKind.Null => byDefault,
        JsonValueKind.True or JsonValueKind.False
            => allowsBool
                ? (call.Params[index]!.GetValue<bool>() ? 1 : 0)
                : throw Error(RpcErrorCode.Type, "Verbosity was boolean but only integer allowed"),
        _ => RpcValues.Int(call.Params[index]),
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
            return node.Tree.Find(RpcValues.Hash(RpcValues.Text(value), "hash_or_height"))
                ?? throw Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
        }

        int height = RpcValues.Int(value);
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
