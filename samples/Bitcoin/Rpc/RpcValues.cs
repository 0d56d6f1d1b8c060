using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Rpc;

/// <summary>Reads JSON values of a call. Refuses a wrong one in Bitcoin Core's words.</summary>
public static class RpcValues
{
    private const int HashDigits = 64;

    /// <summary>Bitcoin Core's name for the type of a value.</summary>
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    /// <summary>The error for a value of another type.</summary>
    public static RpcException WrongType(JsonNode? value, string expected) => new(
        RpcErrorCode.Type, $"JSON value of type {TypeOf(value)} is not of expected type {expected}");

    /// <summary>Reads a text.</summary>
    /// <exception cref="RpcException">The value has another type.</exception>
    public static string Text(JsonNode? value)
        => TypeOf(value) == "string" ? value!.GetValue<string>() : throw WrongType(value, "string");

    /// <summary>Reads true or false.</summary>
    /// <exception cref="RpcException">The value has another type.</exception>
    public static bool Bool(JsonNode? value)
        => TypeOf(value) == "bool" ? value!.GetValue<bool>() : throw WrongType(value, "bool");

    /// <summary>Reads an array.</summary>
    /// <exception cref="RpcException">The value has another type.</exception>
    public static JsonArray List(JsonNode? value) => value as JsonArray ?? throw WrongType(value, "array");

    /// <summary>Reads an object.</summary>
    /// <exception cref="RpcException">The value has another type.</exception>
    public static JsonObject Map(JsonNode? value) => value as JsonObject ?? throw WrongType(value, "object");

    /// <summary>Reads an integer of 64 bits.</summary>
    /// <exception cref="RpcException">The value has another type, or is out of range.</exception>
    public static long Long(JsonNode? value)
    {
        return TypeOf(value) != "number" ? throw WrongType(value, "number")
            : long.TryParse(
                value!.ToJsonString(),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out long number) ? number
            : throw OutOfRange();
    }

    /// <summary>Reads an integer of 32 bits.</summary>
    /// <exception cref="RpcException">The value has another type, or is out of range.</exception>
    public static int Int(JsonNode? value)
        => Long(value) is var number and >= int.MinValue and <= int.MaxValue ? (int)number : throw OutOfRange();

    /// <summary>Reads an integer of 32 bits that is not negative.</summary>
    /// <exception cref="RpcException">The value has another type, or is out of range.</exception>
    public static uint UInt(JsonNode? value)
        => Long(value) is var number and >= 0 and <= uint.MaxValue ? (uint)number : throw OutOfRange();

    /// <summary>Reads a hash of 64 hexadecimal digits.</summary>
    /// <param name="text">The digits.</param>
    /// <param name="name">The name of the value, for the error.</param>
    /// <exception cref="RpcException">The text is not a hash.</exception>
    public static uint256 Hash(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length != HashDigits ? throw new RpcException(
            RpcErrorCode.InvalidParameter, $"{name} must be of length {HashDigits} (not {text.Length}, for '{text}')")
            : uint256.TryParse(text, out uint256? hash) ? hash!
            : throw new RpcException(
                RpcErrorCode.InvalidParameter, $"{name} must be hexadecimal string (not '{text}')");
    }

    /// <summary>Reads a hash of 64 hexadecimal digits.</summary>
    /// <param name="value">A text with the digits.</param>
    /// <param name="name">The name of the value, for the error.</param>
    /// <exception cref="RpcException">The value has another type, or is not a hash.</exception>
    public static uint256 Hash(JsonNode? value, string name) => Hash(Text(value), name);

    /// <summary>Reads an amount, a number or a text, in satoshis.</summary>
    /// <param name="value">The amount.</param>
    /// <param name="decimals">How many decimals it may have: 8 for bitcoins.</param>
    /// <exception cref="RpcException">The value has another type, more decimals, or is out of range.</exception>
    public static long Amount(JsonNode? value, int decimals = 8)
    {
        string text = TypeOf(value) switch
        {
            "number" => value!.ToJsonString(),
            "string" => value!.GetValue<string>(),
            _ => throw new RpcException(RpcErrorCode.Type, "Amount is not a number or string"),
        };
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
        return scaled != decimal.Truncate(scaled) ? throw new RpcException(RpcErrorCode.Type, "Invalid amount")
            : scaled is >= 0 and <= 2_100_000_000_000_000m ? (long)scaled
            : throw new RpcException(RpcErrorCode.Type, "Amount out of range");
    }

    private static RpcException OutOfRange() => new(RpcErrorCode.Misc, "JSON integer out of range");
}
