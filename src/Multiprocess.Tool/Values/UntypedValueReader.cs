using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Reads values whose type no description gives, as JSON.</summary>
internal static class UntypedValueReader
{
    /// <summary>Reads a value of any form.</summary>
    /// <param name="reader">The message.</param>
    /// <param name="depth">The nesting depth of the value.</param>
    /// <param name="reference">Called for each reference; null to show only the handle.</param>
    /// <exception cref="IpcProtocolException">The bytes are malformed, or nest too deep.</exception>
    public static JsonNode? Read(ref MessagePackReader reader, int depth, Func<long, TypeName, JsonNode?>? reference)
    {
        if (depth > ValueReader.MaxDepth)
        {
            throw new IpcProtocolException($"A value: Expected at most {ValueReader.MaxDepth} levels, got more.");
        }

        switch (reader.PeekStrictType())
        {
            case MessagePackType.Nil:
                reader.ReadStrictNil();
                return null;
            case MessagePackType.Boolean:
                return JsonValue.Create(reader.ReadStrictBoolean());
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                return JsonValue.Create(reader.ReadStrictUInt64());
            case MessagePackType.Integer:
                return JsonValue.Create(reader.ReadStrictInt64());
            case MessagePackType.Float:
                return FrameworkValueReader.Real(reader.ReadStrictDouble());
            case MessagePackType.String:
                return JsonValue.Create(reader.ReadStrictString());
            case MessagePackType.Binary:
                return new JsonObject { ["$bytes"] = Convert.ToBase64String(reader.ReadStrictBinary()) };
            case MessagePackType.Array:
                var items = new JsonArray();
                for (int left = reader.ReadStrictArrayHeader(); left > 0; left--)
                {
                    items.Add(Read(ref reader, depth + 1, reference));
                }

                return items;
            case MessagePackType.Map:
                var entries = new JsonArray();
                for (int left = reader.ReadStrictMapHeader(); left > 0; left--)
                {
                    JsonNode? key = Read(ref reader, depth + 1, reference);
                    entries.Add(new JsonArray(key, Read(ref reader, depth + 1, reference)));
                }

                return entries.All(
                    entry => entry![0] is JsonValue value && value.GetValueKind() == JsonValueKind.String)
                    && entries.DistinctBy(entry => entry![0]!.GetValue<string>()).Count() == entries.Count
                    ? new JsonObject(
                        entries.Select(
                            entry => KeyValuePair.Create(entry![0]!.GetValue<string>(), entry[1]?.DeepClone())))
                    : entries;
            case MessagePackType.Extension when reader.PeekStrictExtension().TypeCode == ReferenceFormat.ExtensionType:
                long handle = ReferenceFormat.Read(ref reader);
                return reference is null ? new JsonObject { ["$ref"] = handle } : reference(handle, TypeName.Void);
            default:
                ExtensionHeader header = reader.ReadStrictExtensionHeader();
                return new JsonObject
                {
                    ["$extension"] = header.TypeCode,
                    ["$bytes"] = Convert.ToBase64String(reader.ReadStrictRaw((int)header.Length)),
                };
        }
    }
}
