using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Serialization;

namespace Multiprocess.Tool.Values;

/// <summary>Writes JSON as values whose type no description gives.</summary>
internal static class UntypedValueWriter
{
    /// <summary>Writes a value in the form that fits its JSON.</summary>
    /// <exception cref="InputException">The value nests too deep; nothing may be sent.</exception>
    public static void Write(ref MessagePackWriter writer, JsonNode? value, int depth)
    {
        if (depth > ValueWriter.MaxDepth)
        {
            throw new InputException($"A value: Expected at most {ValueWriter.MaxDepth} levels, got more.");
        }

        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case JsonArray items:
                writer.WriteArrayHeader(items.Count);
                foreach (JsonNode? item in items)
                {
                    Write(ref writer, item, depth + 1);
                }

                break;
            case JsonObject { Count: 1 } bytes when bytes["$bytes"] is JsonValue text:
                writer.WriteBinary(Convert.FromBase64String(text.GetValue<string>()));
                break;
            case JsonObject members:
                writer.WriteMapHeader(members.Count);
                foreach ((string name, JsonNode? member) in members)
                {
                    writer.WriteStrict(name);
                    Write(ref writer, member, depth + 1);
                }

                break;
            default:
                switch (value.GetValueKind())
                {
                    case JsonValueKind.String:
                        writer.WriteStrict(value.GetValue<string>());
                        break;
                    case JsonValueKind.True or JsonValueKind.False:
                        writer.Write(value.GetValue<bool>());
                        break;
                    default:
                        string number = value.ToJsonString();
                        if (long.TryParse(
                            number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
                        {
                            writer.Write(integer);
                        }
                        else if (ulong.TryParse(
                            number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large))
                        {
                            writer.Write(large);
                        }
                        else
                        {
                            writer.Write(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture));
                        }

                        break;
                }

                break;
        }
    }
}
