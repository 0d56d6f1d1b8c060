using System.Globalization;
using MessagePack;
using MessagePack.Formatters;

namespace Elsewhere;

/// <summary>Writes a price as a text, and null as nil, as formatters of classes do.</summary>
public sealed class PriceFormatter : IMessagePackFormatter<Price?>
{
    public void Serialize(ref MessagePackWriter writer, Price? value, MessagePackSerializerOptions options)
        => writer.Write(value?.ToString());

    public Price? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.ReadString() is not { } text)
        {
            return null;
        }

        string[] parts = text.Split(' ');
        return parts.Length == 2 && decimal.TryParse(parts[0], CultureInfo.InvariantCulture, out decimal amount)
            ? Price.Of(amount, parts[1])
            : throw new MessagePackSerializationException($"A price. Expected an amount and a currency, got '{text}'.");
    }
}
