namespace Multiprocess.Serialization.Codecs;

/// <summary>nil, or the value.</summary>
public readonly struct NullableCodec<T, TCodec> : IIpcCodec<T?>
    where T : struct
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T? value, IpcWriteContext context)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            TCodec.Write(ref writer, value.GetValueOrDefault(), context);
        }
    }

    /// <inheritdoc/>
    public static T? Read(ref MessagePackReader reader, IpcReadContext context)
        => reader.TryReadStrictNil() ? null : TCodec.Read(ref reader, context);
}

/// <summary>nil, or the value of a type that crosses by value.</summary>
public readonly struct NullableReferenceCodec<T, TCodec> : IIpcCodec<T?>
    where T : class
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T? value, IpcWriteContext context)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            TCodec.Write(ref writer, value, context);
        }
    }

    /// <inheritdoc/>
    public static T? Read(ref MessagePackReader reader, IpcReadContext context)
        => reader.TryReadStrictNil() ? null : TCodec.Read(ref reader, context);
}
