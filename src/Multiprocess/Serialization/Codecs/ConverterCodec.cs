namespace Multiprocess.Serialization.Codecs;

/// <summary>A value that a user's converter writes and reads. Null is refused.</summary>
public readonly struct ConverterCodec<T, TConverter> : IIpcCodec<T>
    where T : notnull
    where TConverter : IIpcConverter<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        TConverter.Write(ref writer, value);
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        // A converter that reads too little or too much would shift everything behind it.
        MessagePackReader behind = reader.CreatePeekReader();
        behind.Skip();
        context.Charge(behind.Consumed - reader.Consumed);
        T value = TConverter.Read(ref reader);
        if (reader.Consumed != behind.Consumed)
        {
            throw new IpcException(IpcErrorKind.ArgumentNotDecoded, $"{typeof(TConverter)} did not read the one value that a {typeof(T)} is.");
        }

        return value;
    }
}
