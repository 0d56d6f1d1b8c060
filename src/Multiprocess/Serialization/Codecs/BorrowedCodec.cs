namespace Multiprocess.Serialization.Codecs;

/// <summary>A reference that its receiver may use only until the call ends.</summary>
public readonly struct BorrowedCodec<T, TCodec> : IIpcCodec<T>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
        => TCodec.Write(ref writer, value, context);

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        T value = TCodec.Read(ref reader, context);
        if (value is not null)
        {
            context.Borrow(value);
        }

        return value;
    }
}
