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
        int start = ForeignValue.BeginWriting(ref writer, context);
        TConverter.Write(ref writer, value);
        ForeignValue.EndWriting(ref writer, context, start, typeof(TConverter), typeof(T));
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        long start = reader.Consumed;
        MessagePackReader behind = ForeignValue.Begin(ref reader, context);
        T value;
        try
        {
            value = TConverter.Read(ref reader);
        }
        catch (Exception exception)
        {
            throw ForeignValue.Refuse(ref reader, behind, start, exception, typeof(TConverter), typeof(T));
        }

        ForeignValue.End(ref reader, behind, start, typeof(TConverter), typeof(T));
        return value;
    }
}
