using MessagePack.Formatters;

namespace Multiprocess.Serialization.Codecs;

/// <summary>A value that a formatter of MessagePack-CSharp writes and reads, including null.</summary>
public readonly struct FormatterCodec<T, TMakes> : IIpcCodec<T>
    where TMakes : IMakesFormatter
{
    // The nullability annotations of the formatter may differ from those of the declaration. At run time they are the
    // same type.
    private static readonly IMessagePackFormatter<T> s_formatter = (IMessagePackFormatter<T>)TMakes.Make();

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
    {
        int start = ForeignValue.BeginWriting(ref writer, context);
        s_formatter.Serialize(ref writer, value, context.MessagePack);
        ForeignValue.EndWriting(ref writer, context, start, s_formatter.GetType(), typeof(T));
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        long start = reader.Consumed;
        Type formatter = s_formatter.GetType();
        MessagePackReader behind = ForeignValue.Begin(ref reader, context);
        T value;
        try
        {
            value = s_formatter.Deserialize(ref reader, context.MessagePack);
        }
        catch (Exception exception)
        {
            throw ForeignValue.Refuse(ref reader, behind, start, exception, formatter, typeof(T));
        }

        ForeignValue.End(ref reader, behind, start, formatter, typeof(T));
        return value;
    }
}

/// <summary>
/// Like <see cref="FormatterCodec{T, TMakes}"/>, for a declaration that does not allow null. Null is refused.
/// </summary>
public readonly struct NonNullFormatterCodec<T, TMakes> : IIpcCodec<T>
    where T : notnull
    where TMakes : IMakesFormatter
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        FormatterCodec<T, TMakes>.Write(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        long start = reader.Consumed;
        return FormatterCodec<T, TMakes>.Read(ref reader, context)
            ?? throw new IpcException(
                IpcErrorKind.ArgumentNotDecoded, $"Expected a {typeof(T)}, got null.") { At = (int)start };
    }
}
