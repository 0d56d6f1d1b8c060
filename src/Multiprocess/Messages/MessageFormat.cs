using System.Buffers.Binary;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Writes the headers of messages, and whole small messages. The bytes are specified in PROTOCOL.md.</summary>
internal static class MessageFormat
{
    /// <summary>Every frame begins with its length, little-endian, not counting these bytes.</summary>
    public const int LengthPrefix = 4;

    /// <summary>Where the flags of a Call, Return or Error are, counted from the start of the frame: after length, array header and type.</summary>
    public const int FlagsOffset = LengthPrefix + 2;

    /// <summary>Reserves the length; <see cref="End"/> fills it in.</summary>
    public static void Begin(ref MessagePackWriter writer)
    {
        writer.GetSpan(LengthPrefix)[..LengthPrefix].Clear();
        writer.Advance(LengthPrefix);
    }

    /// <summary>Fills in the length of a frame that takes all of <paramref name="frame"/>, and as many bytes more as are sent behind it.</summary>
    public static void End(Span<byte> frame, int tailBytes = 0)
        => BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - LengthPrefix + tailBytes);

    /// <summary>How many frames <paramref name="frames"/> has, of whose last one the end may be elsewhere.</summary>
    public static int Count(ReadOnlySpan<byte> frames)
    {
        int count = 0;
        for (long at = 0; at + LengthPrefix <= frames.Length; at += LengthPrefix + (long)BinaryPrimitives.ReadUInt32LittleEndian(frames[(int)at..]))
        {
            count++;
        }

        return count;
    }

    public static void WriteCall(ref MessagePackWriter writer, MessageFlags flags, long thread, long request, long parent, long target, uint method)
    {
        var header = new HeaderWriter(writer.GetSpan(HeaderWriter.MaxBytes));
        header.Begin(8, MessageType.Call);
        header.Put((byte)flags);
        header.Put(thread);
        header.Put(request);
        header.Put(parent);
        header.Put(target);
        header.Put(method);
        writer.Advance(header.Written);
    }

    /// <summary>Reads back what <see cref="WriteCall"/> wrote behind the length, but for thread and parent, up to the arguments.</summary>
    public static void ReadCall(ref MessagePackReader reader, out MessageFlags flags, out long request, out long target, out uint method)
    {
        reader.ReadStrictArrayHeader();
        reader.ReadStrictByte();
        flags = (MessageFlags)reader.ReadStrictByte();
        reader.ReadStrictInt64();
        request = reader.ReadStrictInt64();
        reader.ReadStrictInt64();
        target = reader.ReadStrictInt64();
        method = reader.ReadStrictUInt32();
    }

    /// <summary>Says in a Call that is written already that the caller's trace context stands behind its arguments.</summary>
    public static void MarkTraced(Span<byte> frame)
    {
        const int headerOffset = LengthPrefix;
        frame[headerOffset]++; // A MessagePack array of up to 15 elements has their number in the lower half.
        frame[FlagsOffset] |= (byte)MessageFlags.Traced;
    }

    public static void WriteReturn(ref MessagePackWriter writer, long thread, long request)
    {
        var header = new HeaderWriter(writer.GetSpan(HeaderWriter.MaxBytes));
        header.Begin(5, MessageType.Return);
        header.Put((byte)MessageFlags.None);
        header.Put(thread);
        header.Put(request);
        writer.Advance(header.Written);
    }

    public static void WriteError(ref MessagePackWriter writer, long thread, long request, IpcErrorKind kind)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(6);
        writer.Write((byte)MessageType.Error);
        writer.Write((byte)MessageFlags.None);
        writer.Write(thread);
        writer.Write(request);
        writer.Write((byte)kind);
    }

    public static void WriteCancel(ref MessagePackWriter writer, long thread, long request)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(3);
        writer.Write((byte)MessageType.Cancel);
        writer.Write(thread);
        writer.Write(request);
    }

    public static void WriteRelease(ref MessagePackWriter writer, long handle, long count)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(3);
        writer.Write((byte)MessageType.Release);
        writer.Write(handle);
        writer.Write(count);
    }

    public static void WriteThreadStarted(ref MessagePackWriter writer, long thread, string name)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(3);
        writer.Write((byte)MessageType.ThreadStarted);
        writer.Write(thread);
        writer.WriteStrict(name);
    }

    public static void WriteThreadEnded(ref MessagePackWriter writer, long thread)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(2);
        writer.Write((byte)MessageType.ThreadEnded);
        writer.Write(thread);
    }

    public static void WriteShape(ref MessagePackWriter writer, string contract, uint method, string shape)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(4);
        writer.Write((byte)MessageType.Shape);
        writer.WriteStrict(contract);
        writer.Write(method);
        writer.WriteStrict(shape);
    }

    public static void WriteGoodbye(ref MessagePackWriter writer, IpcErrorKind kind, string reason)
    {
        Begin(ref writer);
        writer.WriteArrayHeader(3);
        writer.Write((byte)MessageType.Goodbye);
        writer.Write((byte)kind);
        writer.WriteStrict(reason);
    }
}
