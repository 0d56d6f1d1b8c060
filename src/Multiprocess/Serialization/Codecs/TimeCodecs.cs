namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// A UTC time as the timestamp of the MessagePack specification; any other kind as [bits], an array with the integer of
/// <see cref="DateTime.ToBinary"/>.
/// </summary>
/// <remarks>
/// A timestamp cannot express that a time is local or unspecified, and callers compare kinds. A local time is the same
/// instant on both sides, even if their time zones differ.
/// </remarks>
public readonly struct DateTimeCodec : IIpcCodec<DateTime>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, DateTime value, IpcWriteContext context)
    {
        if (value.Kind == DateTimeKind.Utc)
        {
            writer.Write(value);
        }
        else
        {
            writer.WriteArrayHeader(1);
            writer.Write(value.ToBinary());
        }
    }

    /// <inheritdoc/>
    public static DateTime Read(ref MessagePackReader reader, IpcReadContext context)
    {
        if (reader.PeekStrictType() == MessagePackType.Extension)
        {
            return reader.ReadStrictDateTime();
        }

        Elements.ReadFixedHeader(ref reader, nameof(DateTime), 1);
        long bits = reader.ReadStrictInt64();
        try
        {
            return DateTime.FromBinary(bits);
        }
        catch (ArgumentException e)
        {
            MessagePackErrors.ThrowMalformed(nameof(DateTime), "the time is out of range", e);
            return default;
        }
    }
}

/// <summary>[clock time, offset]: the clock time written as a UTC timestamp, and the offset in minutes.</summary>
public readonly struct DateTimeOffsetCodec : IIpcCodec<DateTimeOffset>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, DateTimeOffset value, IpcWriteContext context)
    {
        writer.WriteArrayHeader(2);
        writer.Write(new DateTime(value.Ticks, DateTimeKind.Utc));
        writer.Write(value.TotalOffsetMinutes);
    }

    /// <inheritdoc/>
    public static DateTimeOffset Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(DateTimeOffset), 2);
        DateTime clock = reader.ReadStrictDateTime();
        short minutes = reader.ReadStrictInt16();
        long utc = clock.Ticks - (minutes * TimeSpan.TicksPerMinute);
        if (Math.Abs((int)minutes) > 14 * 60 || utc < 0 || utc > DateTime.MaxValue.Ticks)
        {
            MessagePackErrors.ThrowMalformed(nameof(DateTimeOffset), $"an offset of {minutes} minutes");
        }

        return new DateTimeOffset(clock.Ticks, TimeSpan.FromTicks(minutes * TimeSpan.TicksPerMinute));
    }
}

/// <summary>The number of days since 0001-01-01.</summary>
public readonly struct DateOnlyCodec : IIpcCodec<DateOnly>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, DateOnly value, IpcWriteContext context)
        => writer.Write(value.DayNumber);

    /// <inheritdoc/>
    public static DateOnly Read(ref MessagePackReader reader, IpcReadContext context)
    {
        int day = reader.ReadStrictInt32();
        if ((uint)day > (uint)DateOnly.MaxValue.DayNumber)
        {
            MessagePackErrors.ThrowMalformed(nameof(DateOnly), $"day {day} is out of range");
        }

        return DateOnly.FromDayNumber(day);
    }
}

/// <summary>The time since midnight in units of 100 ns.</summary>
public readonly struct TimeOnlyCodec : IIpcCodec<TimeOnly>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, TimeOnly value, IpcWriteContext context)
        => writer.Write(value.Ticks);

    /// <inheritdoc/>
    public static TimeOnly Read(ref MessagePackReader reader, IpcReadContext context)
    {
        long ticks = reader.ReadStrictInt64();
        if ((ulong)ticks > (ulong)TimeOnly.MaxValue.Ticks)
        {
            MessagePackErrors.ThrowMalformed(nameof(TimeOnly), $"{ticks} ticks are out of range");
        }

        return new TimeOnly(ticks);
    }
}

/// <summary>The length in units of 100 ns.</summary>
public readonly struct TimeSpanCodec : IIpcCodec<TimeSpan>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, TimeSpan value, IpcWriteContext context)
        => writer.Write(value.Ticks);

    /// <inheritdoc/>
    public static TimeSpan Read(ref MessagePackReader reader, IpcReadContext context) => new(reader.ReadStrictInt64());
}
