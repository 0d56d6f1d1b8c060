using System.Globalization;
using Multiprocess.Calls;
using Multiprocess.Serialization;

namespace Multiprocess.Tests.Messages;

/// <summary>Spells MessagePack values as PROTOCOL.md does.</summary>
internal static class WireNotation
{
    public static string Quote(string? text) => text is null ? "nil" : $"\"{text.Replace("\n", "\\n")}\"";

    public static string Read(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return "nil";
            case MessagePackType.Boolean:
                return reader.ReadBoolean() ? "true" : "false";
            case MessagePackType.Integer:
                return reader.ReadInt64().ToString(CultureInfo.InvariantCulture);
            case MessagePackType.Float:
                return reader.ReadDouble().ToString("R", CultureInfo.InvariantCulture);
            case MessagePackType.String:
                return Quote(reader.ReadString());
            case MessagePackType.Binary:
                return $"h'{Convert.ToHexStringLower(reader.ReadBinary())}'";
            case MessagePackType.Extension:
                return $"ref({ReferenceFormat.Read(ref reader).ToString(CultureInfo.InvariantCulture)})";
            case MessagePackType.Map:
                var entries = new string[reader.ReadMapHeader()];
                for (int i = 0; i < entries.Length; i++)
                {
                    string key = Read(ref reader);
                    entries[i] = $"{key}: {Read(ref reader)}";
                }

                return $"{{{string.Join(", ", entries)}}}";
            default:
                var elements = new string[reader.ReadArrayHeader()];
                for (int i = 0; i < elements.Length; i++)
                {
                    elements[i] = Read(ref reader);
                }

                return $"[{string.Join(", ", elements)}]";
        }
    }
}
