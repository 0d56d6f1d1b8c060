using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Reads arguments and what is within them, with Bitcoin Core's errors.</summary>
internal static class Args
{
    private const int HashDigits = 64;

    internal static bool Has(this RpcCall call, int index)
        => index < call.Params.Length && call.Params[index] is not null;

    internal static JsonObject Options(this RpcCall call, int index) => call.Params[index] as JsonObject ?? [];

    internal static bool IsSet(this JsonObject options, string name) => options[name] is not null;

    internal static RpcException Error(int code, string message) => new(code, message);

    internal static RpcException Invalid(string message) => new(RpcErrorCode.InvalidParameter, message);

    internal static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    internal static RpcException WrongType(JsonNode? value, string expected)
        => Error(RpcErrorCode.Type, $"JSON value of type {TypeOf(value)} is not of expected type {expected}");

    internal static string Text(JsonNode? value)
        => TypeOf(value) == "string" ? value!.GetValue<string>() : throw WrongType(value, "string");

    internal static bool Bool(JsonNode? value)
        => TypeOf(value) == "bool" ? value!.GetValue<bool>() : throw WrongType(value, "bool");

    internal static long Long(JsonNode? value)
    {
        return TypeOf(value) != "number" ? throw WrongType(value, "number")
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

    internal static uint UInt(JsonNode? value)
        => Long(value) is var number and >= 0 and <= uint.MaxValue
            ? (uint)number
            : throw Error(RpcErrorCode.Misc, "JSON integer out of range");

    internal static JsonArray List(JsonNode? value) => value as JsonArray ?? throw WrongType(value, "array");

    internal static JsonObject Map(JsonNode? value) => value as JsonObject ?? throw WrongType(value, "object");

    internal static uint256 Hash(JsonNode? value, string name)
    {
        string text = Text(value);
        return text.Length != HashDigits ? throw Invalid(
            $"{name} must be of length {HashDigits} (not {text.Length}, for '{text}')")
            : uint256.TryParse(text, out uint256? hash) ? hash!
            : throw Invalid($"{name} must be hexadecimal string (not '{text}')");
    }

    /// <summary>An amount, in satoshis.</summary>
    internal static long Amount(JsonNode? value, int decimals = 8)
    {
        string kind = TypeOf(value);
        string text = kind == "number"
            ? value!.ToJsonString()
            : kind == "string"
            ? value!.GetValue<string>()
            : throw Error(RpcErrorCode.Type, "Amount is not a number or string");
        bool isNumber = decimal.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out decimal amount)
            && text.Length > 0 && !text.StartsWith('+') && !text.StartsWith('.') && !text.EndsWith('.');
        decimal scale = 1;
        for (int i = 0; i < decimals; i++)
        {
            scale *= 10;
        }

        decimal scaled = isNumber && Math.Abs(amount) < 1_000_000_000_000m ? amount * scale : 0.5m;
        return scaled != decimal.Truncate(scaled) ? throw Error(RpcErrorCode.Type, "Invalid amount")
            : scaled is >= 0 and <= 2_100_000_000_000_000m ? (long)scaled
            : throw Error(RpcErrorCode.Type, "Amount out of range");
    }

    /// <summary>Refuses an object with names that nobody knows, or values of another type.</summary>
    internal static void Check(JsonObject map, params (string Name, string? Type)[] known)
    {
        foreach ((string name, string? type) in known)
        {
            if (map[name] is { } value && type is not null && TypeOf(value) != type)
            {
                throw Error(
                    RpcErrorCode.Type,
                    $"JSON value of type {TypeOf(value)} for field {name} is not of expected type {type}");
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
        string label = value is null ? "" : Text(value);
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
