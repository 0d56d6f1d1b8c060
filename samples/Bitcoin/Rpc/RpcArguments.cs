using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Rpc;

/// <summary>Puts the arguments of a call in order, checks them, and reads them for the method.</summary>
public static class RpcArguments
{
    /// <summary>The name that holds positional arguments among named ones.</summary>
    private const string Positional = "args";
    private const int HashDigits = 64;

    /// <summary>The arguments in the command's order.</summary>
    /// <param name="command">The command.</param>
    /// <param name="parameters">An array, an object of named arguments, or null.</param>
    /// <param name="given">The number of arguments, up to the last given one.</param>
    /// <exception cref="RpcException">The arguments do not fit the command.</exception>
    public static JsonNode?[] Bind(RpcCommand command, JsonNode? parameters, out int given)
    {
        JsonNode?[] values = parameters switch
        {
            JsonArray array => [.. array.Select(static value => value?.DeepClone())],
            JsonObject named => FromNames(command, named),
            _ => [],
        };

        // Omitted arguments at the end do not count.
        int count = given = values.Length;
        bool isMissing = command.Arguments.Where(
            (argument, i) => !argument.IsOptional && (i >= count || (values[i] is null && !IsChecked(argument))))
            .Any();
        if (given > command.Arguments.Length || isMissing)
        {
            throw new RpcException(RpcErrorCode.Misc, RpcHelp.Of(command));
        }

        Array.Resize(ref values, command.Arguments.Length);
        JsonObject wrong = [];
        for (int i = 0; i < values.Length; i++)
        {
            RpcArgument argument = command.Arguments[i];
            string type = values[i] is { } value ? RpcValues.TypeOf(value) : "null";
            if ((type != "null" || !argument.IsOptional) && IsChecked(argument) && type != NameOf(argument.Type))
            {
                wrong[$"Position {i + 1} ({FirstName(argument)})"] =
                    $"JSON value of type {type} is not of expected type {NameOf(argument.Type)}";
            }
        }

        return wrong.Count == 0
            ? values
            : throw new RpcException(RpcErrorCode.Type, $"Wrong type passed:\n{JsonText.Pretty(wrong, indent: 4)}");
    }

    /// <summary>
    /// The call with the arguments that stood apart in their places, for the process that uses them. It keeps them in
    /// strings: a node leaves them apart and hands them on.
    /// </summary>
    public static RpcCall Revealed(this RpcCall call)
    {
        if (call.Secrets is not { } secrets)
        {
            return call;
        }

        JsonNode?[] values = [.. call.Params];
        foreach (SecretArgument secret in secrets)
        {
            using SecretBuffer text = new();
            text.Write(secret.Json.Reveal());
            values[secret.Index] = JsonReading.Parse(text.Written.Span, JsonRpc.MaxDepth);
        }

        return call with { Params = values, Secrets = null };
    }

    /// <summary>An argument as text; the default if it was omitted.</summary>
    public static string Text(this RpcCall call, int index, string byDefault = "")
        => call.Params[index]?.GetValue<string>() ?? byDefault;

    /// <summary>An argument as true or false; the default if it was omitted.</summary>
    public static bool Bool(this RpcCall call, int index, bool byDefault = false)
        => call.Params[index]?.GetValue<bool>() ?? byDefault;

    /// <summary>An argument as a whole number; the default if it was omitted.</summary>
    /// <exception cref="RpcException">It is not a number, not whole, or too large.</exception>
    public static long Number(this RpcCall call, int index, long byDefault = 0)
    {
        return call.Params[index] is not { } value ? byDefault
            : value.GetValueKind() != JsonValueKind.Number ? throw new RpcException(
                RpcErrorCode.Type, $"JSON value of type {RpcValues.TypeOf(value)} is not of expected type number")
            : long.TryParse(
                value.ToJsonString(),
                System.Globalization.NumberStyles.AllowLeadingSign,
                System.Globalization.CultureInfo.InvariantCulture,
                out long number) ? number
            : throw new RpcException(RpcErrorCode.Misc, "JSON integer out of range");
    }

    /// <summary>An argument as a whole number of 32 bits; the default if it was omitted.</summary>
    /// <exception cref="RpcException">It is not such a number.</exception>
    public static int Int(this RpcCall call, int index, int byDefault = 0)
    {
        return call.Number(index, byDefault) is var number and >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new RpcException(RpcErrorCode.Misc, "JSON integer out of range");
    }

    /// <summary>An argument as a hash.</summary>
    /// <exception cref="RpcException">It is not a hash.</exception>
    public static uint256 Hash(this RpcCall call, int index, string name)
    {
        string text = call.Text(index);
        return text.Length != HashDigits ? throw new RpcException(
            RpcErrorCode.InvalidParameter, $"{name} must be of length {HashDigits} (not {text.Length}, for '{text}')")
            : uint256.TryParse(text, out uint256? hash) ? hash!
            : throw new RpcException(
                RpcErrorCode.InvalidParameter, $"{name} must be hexadecimal string (not '{text}')");
    }

    /// <summary>The wallet that the path names; null for none.</summary>
    public static string? WalletName(this RpcCall call)
    {
        const string Prefix = "/wallet/";
        return call.Uri.StartsWith(Prefix, StringComparison.Ordinal)
            ? Uri.UnescapeDataString(call.Uri[Prefix.Length..])
            : null;
    }

    private static bool IsChecked(RpcArgument argument) => argument.Type is not (RpcType.Any or RpcType.Unchecked);

    private static JsonNode?[] FromNames(RpcCommand command, JsonObject named)
    {
        JsonArray positional = named[Positional] as JsonArray ?? [];
        HashSet<string> left = [.. named.Select(static pair => pair.Key)];
        if (named[Positional] is JsonArray)
        {
            left.Remove(Positional);
        }

        if (left.FirstOrDefault(JsonReading.IsRepeated) is { } repeated)
        {
            throw new RpcException(
                RpcErrorCode.InvalidParameter, $"Parameter {JsonReading.NameOf(repeated)} specified multiple times");
        }

        named = Fold(command, named, left);
        JsonNode?[] values = new JsonNode?[Math.Max(command.Arguments.Length, positional.Count)];
        int count = positional.Count;
        for (int i = 0; i < values.Length; i++)
        {
            string[] names = i < command.Arguments.Length ? command.Arguments[i].Name.Split('|') : [];
            string? name = names.FirstOrDefault(left.Contains);
            if (name is null)
            {
                values[i] = i < positional.Count ? positional[i]?.DeepClone() : null;
                continue;
            }

            if (i < positional.Count)
            {
                throw new RpcException(
                    RpcErrorCode.InvalidParameter,
                    $"Parameter {name} specified twice both as positional and named argument");
            }

            left.Remove(name);
            values[i] = named[name]?.DeepClone();
            count = i + 1;
        }

        return left.Count == 0
            ? values[..count]
            : throw new RpcException(
                RpcErrorCode.InvalidParameter, $"Unknown named parameter {left.Order(StringComparer.Ordinal).First()}");
    }

    // Named values that are members of an object argument go into it, unless an argument has the same name.
    private static JsonObject Fold(RpcCommand command, JsonObject named, HashSet<string> left)
    {
        JsonObject folded = named;
        foreach (RpcArgument argument in command.Arguments)
        {
            string[] own =
                [
                    .. (argument.Members ?? []).Select(static member => member.Name)
                        .Where(
                            name => left.Contains(name) && !command.Arguments.Any(
                                other => other.Name.Split('|').Contains(name))),
                ];
            if (own.Length == 0)
            {
                continue;
            }

            folded = ReferenceEquals(folded, named) ? (JsonObject)named.DeepClone() : folded;
            JsonObject map = folded[argument.Name] as JsonObject ?? [];
            foreach (string name in own)
            {
                if (map.ContainsKey(name))
                {
                    throw new RpcException(RpcErrorCode.InvalidParameter, $"Parameter {name} specified multiple times");
                }

                map[name] = folded[name]?.DeepClone();
                left.Remove(name);
            }

            folded[argument.Name] = map.Parent is null ? map : map.DeepClone();
            left.Add(argument.Name);
        }

        return folded;
    }

    private static string FirstName(RpcArgument argument) => argument.Name.Split('|')[0];

    private static string NameOf(RpcType type) => type switch
    {
        RpcType.Text => "string",
        RpcType.Number => "number",
        RpcType.Bool => "bool",
        RpcType.List => "array",
        _ => "object",
    };
}
