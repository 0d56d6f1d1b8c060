using System.Text.Json;
using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Sessions;

/// <summary>
/// A row of a server's answer. A cell of a kind that the protocol does not allow means that the server broke a rule.
/// </summary>
internal readonly struct AnswerRow(JsonArray cells)
{
    /// <summary>The row, if the value is one.</summary>
    public static AnswerRow Of(JsonNode? node)
        => node is JsonArray cells ? new AnswerRow(cells) : throw Wrong("a row", node);

    public long Number(int cell) => NumberOrNull(cell) ?? throw Wrong("a number", null);

    public long? NumberOrNull(int cell) => At(cell) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out long number) => number,
        JsonValue value when value.TryGetValue(out ulong number) => (long)number,
        var other => throw Wrong("a number", other),
    };

    public double Real(int cell) => At(cell) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        ? double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture)
        : throw Wrong("a number", At(cell));

    public string Text(int cell) => TextOrNull(cell) ?? throw Wrong("a text", null);

    public string? TextOrNull(int cell) => At(cell) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        var other => throw Wrong("a text", other),
    };

    public bool Flag(int cell)
        => At(cell) is JsonValue value && value.TryGetValue(out bool flag)
            ? flag
            : throw Wrong("true or false", At(cell));

    public IEnumerable<AnswerRow> Rows(int cell)
        => At(cell) is JsonArray rows ? rows.Select(Of) : throw Wrong("rows", At(cell));

    /// <summary>Bytes, in the spelling of the value reader; null if there are none.</summary>
    public byte[]? Bytes(int cell) => At(cell) switch
    {
        null => null,
        JsonObject bytes when bytes["$bytes"] is JsonValue value && value.TryGetValue(out string? text)
            => Convert.FromBase64String(text),
        var other => throw Wrong("bytes", other),
    };

    private JsonNode? At(int cell)
        => cell < cells.Count
            ? cells[cell]
            : throw new IpcProtocolException(
                $"The server's answer: Expected a row of more than {cell} elements, got {cells.Count}.");

    private static IpcProtocolException Wrong(string expected, JsonNode? found)
        => new(
            $"The server's answer: Expected {expected}, got {IpcText.Escape(found?.ToJsonString() ?? "nil", 100)}.");
}
