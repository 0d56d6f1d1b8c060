using System.Text.Json;
using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Sessions;

/// <summary>A row of a server's answer. What is not of the kind that the protocol says is a broken rule of the
/// server's.</summary>
internal readonly struct AnswerRow(JsonArray cells)
{
    /// <summary>A row, if it is one.</summary>
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

    /// <summary>Bytes, as the reader of any value spells them; null for none.</summary>
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
            : throw new IpcProtocolException($"Expected a row of more than {cell} elements, got one of {cells.Count}.");

    private static IpcProtocolException Wrong(string expected, JsonNode? found)
        => new(
            $"Expected {expected} in the server's answer, got {IpcText.Escape(found?.ToJsonString() ?? "nil", 100)}.");
}
