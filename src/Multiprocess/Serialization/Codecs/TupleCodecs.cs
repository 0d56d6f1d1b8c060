namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of one element, in the form of the value tuple.</summary>
public readonly struct TupleCodec<T1, T1Codec> : IIpcCodec<Tuple<T1>>
    where T1Codec : struct, IIpcCodec<T1>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Tuple<T1> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec>.Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec>.Read(ref reader, context).ToTuple();
}

/// <summary>An array of 2 elements, in the form of the value tuple.</summary>
public readonly struct TupleCodec<T1, T1Codec, T2, T2Codec> : IIpcCodec<Tuple<T1, T2>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Tuple<T1, T2> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec, T2, T2Codec>.Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec, T2, T2Codec>.Read(ref reader, context).ToTuple();
}

/// <summary>An array of 3 elements, in the form of the value tuple.</summary>
public readonly struct TupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec> : IIpcCodec<Tuple<T1, T2, T3>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
    where T3Codec : struct, IIpcCodec<T3>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Tuple<T1, T2, T3> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec>.Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2, T3> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec>.Read(ref reader, context).ToTuple();
}

/// <summary>An array of 4 elements, in the form of the value tuple.</summary>
public readonly struct TupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec> : IIpcCodec<Tuple<T1, T2, T3, T4>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
    where T3Codec : struct, IIpcCodec<T3>
    where T4Codec : struct, IIpcCodec<T4>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Tuple<T1, T2, T3, T4> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec>
            .Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2, T3, T4> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec>.Read(ref reader, context).ToTuple();
}

/// <summary>An array of 5 elements, in the form of the value tuple.</summary>
public readonly struct TupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec>
    : IIpcCodec<Tuple<T1, T2, T3, T4, T5>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
    where T3Codec : struct, IIpcCodec<T3>
    where T4Codec : struct, IIpcCodec<T4>
    where T5Codec : struct, IIpcCodec<T5>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Tuple<T1, T2, T3, T4, T5> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec>
            .Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2, T3, T4, T5> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec>
            .Read(ref reader, context)
            .ToTuple();
}

/// <summary>An array of 6 elements, in the form of the value tuple.</summary>
public readonly struct TupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec>
    : IIpcCodec<Tuple<T1, T2, T3, T4, T5, T6>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
    where T3Codec : struct, IIpcCodec<T3>
    where T4Codec : struct, IIpcCodec<T4>
    where T5Codec : struct, IIpcCodec<T5>
    where T6Codec : struct, IIpcCodec<T6>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Tuple<T1, T2, T3, T4, T5, T6> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec>
            .Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2, T3, T4, T5, T6> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec>
            .Read(ref reader, context)
            .ToTuple();
}

/// <summary>An array of 7 elements, in the form of the value tuple.</summary>
public readonly struct TupleCodec<
    T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec, T7, T7Codec>
    : IIpcCodec<Tuple<T1, T2, T3, T4, T5, T6, T7>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
    where T3Codec : struct, IIpcCodec<T3>
    where T4Codec : struct, IIpcCodec<T4>
    where T5Codec : struct, IIpcCodec<T5>
    where T6Codec : struct, IIpcCodec<T6>
    where T7Codec : struct, IIpcCodec<T7>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        Tuple<T1, T2, T3, T4, T5, T6, T7> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec, T7, T7Codec>
            .Write(ref writer, value.ToValueTuple(), context);
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2, T3, T4, T5, T6, T7> Read(ref MessagePackReader reader, IpcReadContext context)
        => ValueTupleCodec<T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec, T7, T7Codec>
            .Read(ref reader, context)
            .ToTuple();
}

/// <summary>An array of 8 elements; the last is an array of the eighth and further items.</summary>
public readonly struct TupleCodec<
    T1, T1Codec, T2, T2Codec, T3, T3Codec, T4, T4Codec, T5, T5Codec, T6, T6Codec, T7, T7Codec, TRest, TRestCodec>
    : IIpcCodec<Tuple<T1, T2, T3, T4, T5, T6, T7, TRest>>
    where T1Codec : struct, IIpcCodec<T1>
    where T2Codec : struct, IIpcCodec<T2>
    where T3Codec : struct, IIpcCodec<T3>
    where T4Codec : struct, IIpcCodec<T4>
    where T5Codec : struct, IIpcCodec<T5>
    where T6Codec : struct, IIpcCodec<T6>
    where T7Codec : struct, IIpcCodec<T7>
    where TRest : notnull
    where TRestCodec : struct, IIpcCodec<TRest>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        Tuple<T1, T2, T3, T4, T5, T6, T7, TRest> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.Enter();
        writer.WriteArrayHeader(8);
        T1Codec.Write(ref writer, value.Item1, context);
        T2Codec.Write(ref writer, value.Item2, context);
        T3Codec.Write(ref writer, value.Item3, context);
        T4Codec.Write(ref writer, value.Item4, context);
        T5Codec.Write(ref writer, value.Item5, context);
        T6Codec.Write(ref writer, value.Item6, context);
        T7Codec.Write(ref writer, value.Item7, context);
        TRestCodec.Write(ref writer, value.Rest, context);
        context.Leave();
    }

    /// <inheritdoc/>
    public static Tuple<T1, T2, T3, T4, T5, T6, T7, TRest> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        context.Enter();
        Elements.ReadFixedHeader(ref reader, "a tuple", 8);
        T1 item1 = T1Codec.Read(ref reader, context);
        T2 item2 = T2Codec.Read(ref reader, context);
        T3 item3 = T3Codec.Read(ref reader, context);
        T4 item4 = T4Codec.Read(ref reader, context);
        T5 item5 = T5Codec.Read(ref reader, context);
        T6 item6 = T6Codec.Read(ref reader, context);
        T7 item7 = T7Codec.Read(ref reader, context);
        TRest rest = TRestCodec.Read(ref reader, context);
        context.Leave();
        return new Tuple<T1, T2, T3, T4, T5, T6, T7, TRest>(item1, item2, item3, item4, item5, item6, item7, rest);
    }
}
