using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Multiprocess.Serialization;

/// <summary>Reads MessagePack through the package's reader, and trusts no input.</summary>
/// <remarks>
/// The only place that knows what the package accepts or throws. The whole runtime reads through these methods; a test
/// that inspects the compiled calls ensures it. No read goes past the end, a count is checked against the remaining
/// bytes before memory is allocated, a number fits its type, text is valid UTF-8. A failure throws an
/// <see cref="IpcProtocolException"/> and leaves the reader before the value. Returned spans are parts of the input.
/// </remarks>
internal static partial class StrictReader
{
    public static bool ReadStrictBoolean(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            return reader.ReadBoolean();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "true or false", exception);
        }
    }

    public static byte ReadStrictByte(this ref MessagePackReader reader)
        => (byte)reader.ReadInteger(0, byte.MaxValue, "an integer from 0 to 255");

    public static sbyte ReadStrictSByte(this ref MessagePackReader reader)
        => (sbyte)reader.ReadInteger(sbyte.MinValue, sbyte.MaxValue, "an integer from -128 to 127");

    public static short ReadStrictInt16(this ref MessagePackReader reader)
        => (short)reader.ReadInteger(short.MinValue, short.MaxValue, "an integer from -32768 to 32767");

    public static ushort ReadStrictUInt16(this ref MessagePackReader reader)
        => (ushort)reader.ReadInteger(0, ushort.MaxValue, "an integer from 0 to 65535");

    /// <summary>Reads a UTF-16 code unit.</summary>
    public static char ReadStrictChar(this ref MessagePackReader reader) => (char)reader.ReadStrictUInt16();

    public static int ReadStrictInt32(this ref MessagePackReader reader)
        => (int)reader.ReadInteger(int.MinValue, int.MaxValue, "an integer of 32 bits");

    public static uint ReadStrictUInt32(this ref MessagePackReader reader)
        => (uint)reader.ReadInteger(0, uint.MaxValue, "an integer of 32 bits, not negative");

    public static long ReadStrictInt64(this ref MessagePackReader reader)
        => reader.ReadInteger(long.MinValue, long.MaxValue, "an integer of 64 bits");

    public static ulong ReadStrictUInt64(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            return reader.ReadUInt64();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "an integer of 64 bits, not negative", exception);
        }
    }

    /// <summary>
    /// Reads a number of 32 bits. A 64-bit number is rounded, an integer is converted, and a number out of range is
    /// refused.
    /// </summary>
    public static float ReadStrictSingle(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            if (reader.NextCode == MessagePackCode.Float32)
            {
                // Read directly: conversion through a double would change a signalling NaN.
                return reader.ReadSingle();
            }
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "a number", exception);
        }

        double value = reader.ReadStrictDouble();
        float rounded = (float)value;
        if (float.IsInfinity(rounded) && !double.IsInfinity(value))
        {
            reader.GoTo(start);
            MessagePackErrors.ThrowOutOfRange(
                "a number of 32 bits", start, value.ToString(CultureInfo.InvariantCulture));
        }

        return rounded;
    }

    /// <summary>Reads a number of 64 bits. A 32-bit number is widened, and an integer is converted.</summary>
    public static double ReadStrictDouble(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            return reader.ReadDouble();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "a number", exception);
        }
    }

    /// <summary>Reads nil if it is the next value.</summary>
    public static bool TryReadStrictNil(this ref MessagePackReader reader) => !reader.End && reader.TryReadNil();

    /// <summary>
    /// Reads the next value if it is an empty array or empty bytes with a 16-bit length and the given code.
    /// </summary>
    public static bool TryReadEmpty(this ref MessagePackReader reader, byte code)
    {
        if (reader.End || reader.NextCode != code)
        {
            return false;
        }

        MessagePackReader peek = reader.CreatePeekReader();
        int length = code == MessagePackCode.Array16 ? peek.ReadStrictArrayHeader() : peek.ReadStrictBinary().Length;
        if (length != 0)
        {
            return false;
        }

        reader = peek;
        return true;
    }

    /// <summary>Reads nil.</summary>
    public static void ReadStrictNil(this ref MessagePackReader reader)
    {
        if (!reader.TryReadStrictNil())
        {
            throw Refuse(ref reader, reader.Consumed, "nil", exception: null);
        }
    }

    /// <summary>The kind of the next value.</summary>
    public static MessagePackType PeekStrictType(this ref MessagePackReader reader)
        => !reader.End
            ? reader.NextMessagePackType
            : throw Refuse(ref reader, reader.Consumed, "a value", exception: null);

    /// <summary>Reads an array header. Fails if fewer bytes remain than the announced elements need.</summary>
    public static int ReadStrictArrayHeader(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            return reader.ReadArrayHeader();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "an array", exception);
        }
    }

    /// <summary>
    /// Reads a map header. Fails if fewer bytes remain than the announced entries need, two per entry.
    /// </summary>
    public static int ReadStrictMapHeader(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            return reader.ReadMapHeader();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "a map", exception);
        }
    }

    private static long ReadInteger(this ref MessagePackReader reader, long min, long max, string expected)
    {
        long start = reader.Consumed;
        long value;
        try
        {
            value = reader.ReadInt64();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, expected, exception);
        }

        if (value < min || value > max)
        {
            reader.GoTo(start);
            MessagePackErrors.ThrowOutOfRange(expected, start, value.ToString(CultureInfo.InvariantCulture));
        }

        return value;
    }

    /// <summary>True for the exceptions that the package throws when it refuses bytes.</summary>
    private static bool IsThePackages(Exception exception)
        => exception is MessagePackSerializationException
            or EndOfStreamException
            or OverflowException
            or ArgumentOutOfRangeException;

    /// <summary>Moves the reader back before the value, and creates the exception.</summary>
    private static IpcProtocolException Refuse(
        ref MessagePackReader reader,
        long start,
        string expected,
        Exception? exception)
    {
        reader.GoTo(start);
        if (reader.End)
        {
            return new IpcProtocolException(
                $"Expected {expected} at byte {start}, got the end of the message.", exception) { At = (int)start };
        }

        byte code = reader.NextCode;
        string found = $"{MessagePackCode.ToFormatName(code)} (0x{code:x2})";
        if (exception is OverflowException && MessagePackCode.ToMessagePackType(code) == MessagePackType.Integer)
        {
            MessagePackReader peek = reader.CreatePeekReader();
            found = code == MessagePackCode.UInt64
                ? peek.ReadUInt64().ToString(CultureInfo.InvariantCulture)
                : peek.ReadInt64().ToString(CultureInfo.InvariantCulture);
        }
        else if (exception is EndOfStreamException or OverflowException || IsTooLong(code, expected))
        {
            found += $" with more in it than the {reader.Sequence.Length - start:N0} bytes that remain";
        }

        return new IpcProtocolException(
            $"Expected {expected} at byte {start}, got {found}.",
            exception) { At = (int)start, IsNil = code == MessagePackCode.Nil };
    }

    /// <summary>True when a value of the expected kind is refused because of its 32-bit length.</summary>
    private static bool IsTooLong(byte code, string expected)
        => (code, expected) is (MessagePackCode.Str32, "a string") or (MessagePackCode.Bin32, "bytes") or (
            MessagePackCode.Ext32, "an extension");

    private static void GoTo(this ref MessagePackReader reader, long position)
    {
        if (reader.Consumed != position)
        {
            reader = reader.Clone(reader.Sequence);
            reader.ReadRaw(position);
        }
    }
}
