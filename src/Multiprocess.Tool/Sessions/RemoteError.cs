using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Sessions;

/// <summary>What a callee answered in place of a result.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Type">The exception's type.</param>
/// <param name="Text">Its message.</param>
/// <param name="Stack">Its stack, if it crossed.</param>
/// <param name="Inner">The inner one; null for none.</param>
internal sealed record RemoteError(IpcErrorKind Kind, string Type, string Text, string? Stack, RemoteError? Inner)
{
    // As many as the protocol lets cross.
    private const int MaxInner = 8;

    /// <summary>Reads the body of an Error.</summary>
    public static RemoteError Read(IpcErrorKind kind, JsonNode? exception) => Read(kind, exception, 0);

    public JsonObject ToJson() => new()
    {
        ["kind"] = Kind.ToString(),
        ["type"] = Type,
        ["message"] = Text,
        ["stack"] = Stack,
        ["inner"] = Inner?.ToJson(),
    };

    private static RemoteError Read(IpcErrorKind kind, JsonNode? exception, int depth)
    {
        if (exception is not JsonArray { Count: >= 5 } parts)
        {
            throw new IpcProtocolException("Expected an exception of five elements.");
        }

        return new RemoteError(
            kind,
            TextOf(parts[0]) ?? "",
            (parts.Count > 5 ? TextOf(parts[5]) : null) ?? TextOf(parts[1]) ?? "",
            TextOf(parts[2]),
            parts[4] is null || depth >= MaxInner ? null : Read(kind, parts[4], depth + 1));
    }

    private static string? TextOf(JsonNode? node)
        => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}

/// <summary>A call was answered with an error.</summary>
internal sealed class RemoteCallException(RemoteError error) : Exception(error.Text)
{
    public RemoteError Error { get; } = error;
}
