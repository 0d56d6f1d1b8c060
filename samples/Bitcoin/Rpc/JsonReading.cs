using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bitcoin.Rpc;

/// <summary>
/// Reads JSON in which an object may have a name several times, which <see cref="JsonObject"/> cannot hold.
/// </summary>
/// <remarks>
/// As Bitcoin Core does: the first value is the one that is found by its name, and whoever goes through all names meets
/// the others, here under the name with a mark and a number behind it. The mark is a character that no method's name or
/// argument has.
/// </remarks>
public static class JsonReading
{
    private const char Mark = '\0';

    /// <summary>Reads a text.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
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
            // Names twice, or no JSON at all: this says which.
            Utf8JsonReader reader = new(text, new JsonReaderOptions { MaxDepth = maxDepth });
            reader.Read();
            JsonNode? value = Read(ref reader);
            return reader.Read() ? throw new JsonException("Text behind the value.") : value;
        }
    }

    /// <summary>Whether a name stands for one that its object has had before.</summary>
    public static bool IsRepeated(string name) => name.Contains(Mark, StringComparison.Ordinal);

    /// <summary>A name as it was given.</summary>
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
