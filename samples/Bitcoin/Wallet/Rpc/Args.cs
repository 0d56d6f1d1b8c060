using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Reads arguments of wallet methods, with Bitcoin Core's errors.</summary>
internal static class Args
{
    internal static bool Has(this RpcCall call, int index)
        => index < call.Params.Length && call.Params[index] is not null;

    internal static JsonObject Options(this RpcCall call, int index) => call.Params[index] as JsonObject ?? [];

    internal static bool IsSet(this JsonObject options, string name) => options[name] is not null;

    internal static RpcException Error(int code, string message) => new(code, message);

    internal static RpcException Invalid(string message) => new(RpcErrorCode.InvalidParameter, message);

    /// <summary>Refuses an object that has an unknown name, or a value of another type.</summary>
    internal static void Check(JsonObject map, params (string Name, string? Type)[] known)
    {
        foreach ((string name, string? type) in known)
        {
            if (map[name] is { } value && type is not null && RpcValues.TypeOf(value) != type)
            {
                throw Error(
                    RpcErrorCode.Type,
                    $"JSON value of type {RpcValues.TypeOf(value)} for field {name} is not of expected type {type}");
            }
        }

        foreach ((string name, _) in map)
        {
            if (!known.Any(one => one.Name == name))
            {
                throw Error(RpcErrorCode.Type, $"Unexpected key {name}");
            }
        }
    }

    internal static string Label(JsonNode? value)
    {
        string label = value is null ? "" : RpcValues.Text(value);
        return label == "*" ? throw Error(RpcErrorCode.WalletInvalidLabelName, "Invalid label name") : label;
    }

    internal static JsonNode Value(long satoshis) => JsonText.Amount(satoshis);

    internal static JsonArray Strings(IEnumerable<string> texts)
        => new([.. texts.Select(static text => (JsonNode)text)]);

    internal static byte[] Hex(string text)
        => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw Invalid($"'{text}' is not hex");
}
