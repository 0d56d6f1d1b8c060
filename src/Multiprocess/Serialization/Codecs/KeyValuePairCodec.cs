namespace Multiprocess.Serialization.Codecs;

/// <summary>[key, value].</summary>
public readonly struct KeyValuePairCodec<TKey, TKeyCodec, TValue, TValueCodec> : IIpcCodec<KeyValuePair<TKey, TValue>>
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, KeyValuePair<TKey, TValue> value, IpcWriteContext context)
    {
        context.Enter();
        writer.WriteArrayHeader(2);
        TKeyCodec.Write(ref writer, value.Key, context);
        TValueCodec.Write(ref writer, value.Value, context);
        context.Leave();
    }

    /// <inheritdoc/>
    public static KeyValuePair<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        context.Enter();
        Elements.ReadFixedHeader(ref reader, "a pair", 2);
        TKey key = TKeyCodec.Read(ref reader, context);
        TValue value = TValueCodec.Read(ref reader, context);
        context.Leave();
        return new KeyValuePair<TKey, TValue>(key, value);
    }
}
