namespace Multiprocess.Serialization.Codecs;

/// <summary>An interface or a delegate, by reference; nil for null.</summary>
public readonly struct ReferenceCodec<T> : IIpcCodec<T?>
    where T : class
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T? value, IpcWriteContext context)
        => context.WriteReference(ref writer, value);

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

/// <summary>A delegate, or a closed generic interface, by reference; nil for null.</summary>
/// <typeparam name="T">The type of the reference.</typeparam>
/// <typeparam name="TStub">
/// The stub that was generated for this contract's references. Its rules for enums, converters and null apply only to
/// these references.
/// </typeparam>
public readonly struct ReferenceCodec<T, TStub> : IIpcCodec<T?>
    where T : class
    where TStub : class, new()
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T? value, IpcWriteContext context)
        => context.WriteReference<T, TStub>(ref writer, value);

    /// <inheritdoc/>
    public static T? Read(ref MessagePackReader reader, IpcReadContext context)
        => context.ReadReference<T, TStub>(ref reader);
}

/// <summary>A delegate, or a closed generic interface, by reference. Null is refused on both sides.</summary>
/// <typeparam name="T">The type of the reference.</typeparam>
/// <typeparam name="TStub">The stub that the contract generated for the reference.</typeparam>
public readonly struct NonNullReferenceCodec<T, TStub> : IIpcCodec<T>
    where T : class
    where TStub : class, new()
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.WriteReference<T, TStub>(ref writer, value);
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        T? value = context.ReadReference<T, TStub>(ref reader);
        if (value is null)
        {
            MessagePackErrors.ThrowNil($"a reference to {typeof(T)}");
        }

        return value;
    }
}
