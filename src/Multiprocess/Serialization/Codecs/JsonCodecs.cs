using System.Text.Json;
using System.Text.Json.Nodes;

namespace Multiprocess.Serialization.Codecs;

/// <summary>JSON as UTF-8 text, nested no deeper than the message may be.</summary>
public readonly struct JsonElementCodec : IIpcCodec<JsonElement>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, JsonElement value, IpcWriteContext context)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            throw new IpcException(IpcErrorKind.ArgumentNotEncoded, "JsonElement: Expected a value, got none.");
        }

        JsonText.Write(ref writer, value, static (json, element) => element.WriteTo(json), context);
    }

    /// <inheritdoc/>
    public static JsonElement Read(ref MessagePackReader reader, IpcReadContext context)
        => JsonText.Read(ref reader, static (ref json) => JsonElement.ParseValue(ref json), context);
}

/// <summary>
/// JSON as UTF-8 text, nested no deeper than the message may be. The JSON value null, which is not a
/// <see cref="JsonNode"/>, is refused.
/// </summary>
public readonly struct JsonNodeCodec : IIpcCodec<JsonNode>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, JsonNode value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        JsonText.Write(ref writer, value, static (json, node) => node.WriteTo(json), context);
    }

    /// <inheritdoc/>
    public static JsonNode Read(ref MessagePackReader reader, IpcReadContext context)
    {
        JsonNode? node = JsonText.Read(ref reader, static (ref json) => JsonNode.Parse(ref json), context);
        if (node is null)
        {
            MessagePackErrors.ThrowNil(nameof(JsonNode));
        }

        return node;
    }
}
