using System.Text.Json;
using System.Text.Unicode;
using Multiprocess.Buffers;

namespace Multiprocess.Serialization.Codecs;

/// <summary>JSON inside a MessagePack string.</summary>
internal static class JsonText
{
    public delegate T Parse<T>(ref Utf8JsonReader json);

    public static void Write<T>(
        ref MessagePackWriter writer,
        T value,
        Action<Utf8JsonWriter, T> write,
        IpcWriteContext context)
    {
        // The text is in memory twice: a sensitive text is wiped here too.
        using var buffer = new PooledBufferWriter { IsSensitive = context.IsSensitive };
        try
        {
            using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = context.MaxDepth });
            write(json, value);
        }
        catch (InvalidOperationException e)
        {
            throw new IpcException(IpcErrorKind.ArgumentNotEncoded, $"The JSON could not be written: {e.Message}", e);
        }

        writer.WriteUtf8(buffer.WrittenSpan);
    }

    public static T Read<T>(ref MessagePackReader reader, Parse<T> parse, IpcReadContext context)
    {
        ReadOnlySpan<byte> text = reader.ReadStrictStringSpan();
        context.Charge(text.Length);
        if (!Utf8.IsValid(text))
        {
            MessagePackErrors.ThrowMalformed("JSON", "the text is not valid UTF-8");
        }

        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = context.MaxDepth });
        try
        {
            T value = parse(ref json);
            if (json.Read())
            {
                MessagePackErrors.ThrowMalformed("JSON", "more text after the value");
            }

            return value;
        }
        catch (JsonException e)
        {
            MessagePackErrors.ThrowMalformed("JSON", e.Message, e);
            throw;
        }
    }
}
