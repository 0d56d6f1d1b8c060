using System.Globalization;

namespace Bitcoin.GuiWeb.Model;

/// <summary>Reads replies of JSON-RPC methods. A reply of another version may lack members.</summary>
internal static class Json
{
    internal static string Text(this JsonNode? node, string name) => node?[name]?.ToString() ?? "";

    internal static decimal Amount(this JsonNode? node, string name) => node?[name].Number() ?? 0;

    internal static long Whole(this JsonNode? node, string name) => (long)(node?[name].Number() ?? 0);

    internal static bool Flag(this JsonNode? node, string name)
        => node?[name]?.GetValueKind() == System.Text.Json.JsonValueKind.True;

    internal static IEnumerable<JsonNode> Items(this JsonNode? node)
        => node is JsonArray list ? list.Where(static item => item is not null).Select(static item => item!) : [];

    /// <summary>The number, of whatever type; null for any other value.</summary>
    internal static decimal? Number(this JsonNode? node)
        => node is not null && decimal.TryParse(
            node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;
}
