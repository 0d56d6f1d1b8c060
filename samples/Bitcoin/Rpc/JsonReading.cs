using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bitcoin.Rpc;

/// <summary>
/// Parses JSON in which an object has a name several times, which <see cref="JsonObject"/> cannot hold.
/// </summary>
/// <remarks>
/// As in Bitcoin Core, a lookup by name finds the first value, and an enumeration contains the others too. The others
/// have a mark and a number after their name; no name of a method or an argument contains the mark.
/// </remarks>
public static class JsonReading
{
    private const char Mark = '\0';

    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> text, int maxDepth)
    {
        try
        {
            return JsonNode.Parse(
                text,
                documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = maxDepth });
        }
        catch (JsonException)
        {
            // The text has a repeated name, or is not JSON: the reader tells which.
            Utf8JsonReader reader = new(text, new JsonReaderOptions { MaxDepth = maxDepth });
            reader.Read();
            JsonNode? value = Read(ref reader);
            return reader.Read() ? throw new JsonException("Text behind the value.") : value;
        }
    }

    /// <summary>Whether a name marks a repetition of an earlier name.</summary>
    public static bool IsRepeated(string name) => name.Contains(Mark, StringComparison.Ordinal);

    /// <summary>A name without mark and number.</summary>
    public static string NameOf(string name) => name.Split(Mark)[0];

    private static JsonNode? Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                JsonObject map = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = reader.GetString()!;
                    reader.Read();
                    JsonNode? value = Read(ref reader);
                    map.Add(map.ContainsKey(name) ? $"{name}{Mark}{map.Count}" : name, value);
                }

                return map;
            case JsonTokenType.StartArray:
                JsonArray list = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(Read(ref reader));
                }

                return list;
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return reader.GetString();
            default:
                return JsonNode.Parse(reader.ValueSpan);
        }
    }
}
