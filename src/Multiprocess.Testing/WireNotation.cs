using System.Globalization;
using System.Text;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Serialization;

namespace Multiprocess;

/// <summary>Formats MessagePack values as PROTOCOL.md does.</summary>
internal static class WireNotation
{
    // Far deeper than any nesting limit, but bounded: the input may be an attack, and this method recurses.
    private const int MaxDepth = 1100;

    /// <summary>Returns text in quotes, without characters that a terminal would execute.</summary>
    public static string Quote(string? text)
    {
        if (text is null)
        {
            return "nil";
        }

        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            _ = character switch
            {
                '\n' => quoted.Append("\\n"),
                '"' or '\\' => quoted.Append('\\').Append(character),
                _ when char.IsControl(character)
                    => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return IpcText.Escape(quoted.Append('"').ToString(), int.MaxValue);
    }

    /// <summary>Reads and formats the next value.</summary>
    /// <exception cref="IpcProtocolException">There is no value, or it is malformed.</exception>
    public static string Read(ref MessagePackReader reader)
    {
        var text = new StringBuilder();
        Read(ref reader, text, depth: 0);
        return text.ToString();
    }

    private static void Read(ref MessagePackReader reader, StringBuilder text, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new IpcProtocolException($"Expected values that nest at most {MaxDepth} levels.");
        }

        switch (reader.PeekStrictType())
        {
            case MessagePackType.Nil:
                reader.ReadStrictNil();
                text.Append("nil");
                break;
            case MessagePackType.Boolean:
                text.Append(reader.ReadStrictBoolean() ? "true" : "false");
                break;
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                text.Append(reader.ReadStrictUInt64());
                break;
            case MessagePackType.Integer:
                text.Append(CultureInfo.InvariantCulture, $"{reader.ReadStrictInt64()}");
                break;
            case MessagePackType.Float:
                text.Append(CultureInfo.InvariantCulture, $"{reader.ReadStrictDouble():R}");
                break;
            case MessagePackType.String:
                text.Append(Quote(reader.ReadStrictString()));
                break;
            case MessagePackType.Binary:
                text.Append(CultureInfo.InvariantCulture, $"h'{Convert.ToHexStringLower(reader.ReadStrictBinary())}'");
                break;
            case MessagePackType.Extension when reader.PeekStrictExtension().TypeCode == ReferenceFormat.ExtensionType:
                text.Append(CultureInfo.InvariantCulture, $"ref({ReferenceFormat.Read(ref reader)})");
                break;
            case MessagePackType.Extension when reader.PeekStrictExtension().TypeCode == DescriptorFormat.ExtensionType:
                text.Append(CultureInfo.InvariantCulture, $"descriptor({DescriptorFormat.Read(ref reader)})");
                break;
            case MessagePackType.Extension:
                ExtensionHeader header = reader.ReadStrictExtensionHeader();
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"ext({header.TypeCode}, h'{Convert.ToHexStringLower(reader.ReadStrictRaw((int)header.Length))}')");
                break;
            case MessagePackType.Map:
                text.Append('{');
                for (int i = reader.ReadStrictMapHeader(), left = i; left > 0; left--)
                {
                    text.Append(left == i ? string.Empty : ", ");
                    Read(ref reader, text, depth + 1);
                    text.Append(": ");
                    Read(ref reader, text, depth + 1);
                }

                text.Append('}');
                break;
            default:
                text.Append('[');
                for (int i = reader.ReadStrictArrayHeader(), left = i; left > 0; left--)
                {
                    text.Append(left == i ? string.Empty : ", ");
                    Read(ref reader, text, depth + 1);
                }

                text.Append(']');
                break;
        }
    }
}
