using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Sessions;

/// <summary>The error with which a callee answered.</summary>
/// <param name="Kind">The kind of error.</param>
/// <param name="Type">The exception's type.</param>
/// <param name="Text">The message.</param>
/// <param name="Stack">The stack trace, if it was sent.</param>
/// <param name="Inner">The inner exception; null if there is none.</param>
internal sealed record RemoteError(IpcErrorKind Kind, string Type, string Text, string? Stack, RemoteError? Inner)
{
    // The most that the protocol allows.
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
            throw new IpcProtocolException("An exception: Expected five elements or six, got another number.");
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
