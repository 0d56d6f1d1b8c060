namespace Multiprocess.Serialization.Codecs;

/// <summary>An interface or a delegate, by reference; nil for null.</summary>
public readonly struct ReferenceCodec<T> : IIpcCodec<T?>
    where T : class
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T? value, IpcWriteContext context) => context.WriteReference(ref writer, value);

    /// <inheritdoc/>
    public static T? Read(ref MessagePackReader reader, IpcReadContext context) => context.ReadReference<T>(ref reader);
}

/// <summary>An interface or a delegate, by reference. Null is refused on both sides.</summary>
public readonly struct NonNullReferenceCodec<T> : IIpcCodec<T>
    where T : class
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.WriteReference(ref writer, value);
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        T? value = context.ReadReference<T>(ref reader);
        if (value is null)
        {
            MessagePackErrors.ThrowNil($"a reference to {typeof(T)}");
        }

        return value;
    }
}
