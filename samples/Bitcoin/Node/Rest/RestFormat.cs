using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Rest;

/// <summary>The format of an answer.</summary>
internal enum RestFormat
{
    None,
    Binary,
    Hex,
    Json,
}

/// <summary>Makes answers in the requested format.</summary>
internal static class RestFormats
{
    private const string All = "output format not found (available: .bin, .hex, .json)";
    private const string JsonOnly = "output format not found (available: json)";

    /// <summary>Removes the ending that names the format from a path.</summary>
    internal static RestFormat Split(string path, out string rest)
    {
        int dot = path.LastIndexOf('.');
        RestFormat format = dot < 0 ? RestFormat.None : path[(dot + 1)..] switch
        {
            "bin" => RestFormat.Binary,
            "hex" => RestFormat.Hex,
            "json" => RestFormat.Json,
            _ => RestFormat.None,
        };
        rest = format == RestFormat.None ? path : path[..dot];
        return format;
    }

    /// <summary>An answer in the requested format.</summary>
    /// <param name="format">The form.</param>
    /// <param name="bytes">The content for the binary and hexadecimal formats.</param>
    /// <param name="json">The content for JSON; null if that format is not offered.</param>
    /// <param name="isFixed">Whether the binary answer never changes.</param>
    /// <param name="isJsonFixed">Whether the JSON answer never changes.</param>
    internal static RestReply Reply(
        RestFormat format, Func<byte[]> bytes, Func<JsonNode>? json, bool isFixed = false, bool isJsonFixed = false)
        => format switch
    {
        RestFormat.Binary => new RestReply(200, "application/octet-stream", bytes(), isFixed),
        RestFormat.Hex
            => new RestReply(
                200, "text/plain", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes()) + "\n"), isFixed),
        RestFormat.Json when json is null
            => throw RestException.Bad("JSON output is not supported for this request type"),
        RestFormat.Json => Json(json(), isJsonFixed),
        _ => throw RestException.Missing(All),
    };

    /// <summary>An answer that is offered as JSON only.</summary>
    internal static RestReply ReplyJson(RestFormat format, Func<JsonNode> json, bool isFixed = false)
        => format == RestFormat.Json ? Json(json(), isFixed) : throw RestException.Missing(JsonOnly);

    /// <summary>Throws if the path names no format.</summary>
    internal static void Check(RestFormat format)
    {
        if (format == RestFormat.None)
        {
            throw RestException.Missing(All);
        }
    }

    internal static RestReply Error(int status, string message)
        => new(status, "text/plain", Encoding.UTF8.GetBytes(message + "\r\n"));

    private static RestReply Json(JsonNode value, bool isFixed)
        => new(200, "application/json", Encoding.UTF8.GetBytes(JsonText.Compact(value) + "\n"), isFixed);
}
