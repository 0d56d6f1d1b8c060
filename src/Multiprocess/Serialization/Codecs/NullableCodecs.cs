namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// A codec of a value type that wraps an array. The default value, which has no array, is written as nil.
/// </summary>
/// <remarks>
/// For a nullable type, nil means null. So the default value is then written as an empty container with a 16-bit
/// length. No writer uses this form for an ordinary empty container. A reader that does not know the rule reads an
/// empty container.
/// </remarks>
internal interface INilDefaultCodec<T>
    where T : struct
{
    /// <summary>The MessagePack code of the form with a 16-bit length.</summary>
    byte LongForm { get; }

    /// <summary>True when a value is the default.</summary>
    bool IsDefault(T value);
}

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
        else if (default(TCodec) is INilDefaultCodec<T> codec && codec.IsDefault(value.GetValueOrDefault()))
        {
            writer.WriteWhole([codec.LongForm, 0, 0]);
        }
        else
        {
            TCodec.Write(ref writer, value.GetValueOrDefault(), context);
        }
    }

    /// <inheritdoc/>
    public static T? Read(ref MessagePackReader reader, IpcReadContext context)
    {
        if (reader.TryReadStrictNil())
        {
            return null;
        }

        return default(TCodec) is INilDefaultCodec<T> codec && reader.TryReadEmpty(codec.LongForm)
            ? default(T)
            : TCodec.Read(ref reader, context);
    }
}

/// <summary>nil, or the value of a reference type that crosses by value.</summary>
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
