using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Call, type 1: runs a method of an object of the receiver.</summary>
internal static class CallMessage
{
    /// <summary>Least number of elements: type, flags, thread, request, parent, target, method, arguments.</summary>
    public const int Elements = 8;

    /// <summary>Writes the header. The array of the arguments follows.</summary>
    public static void Write(
        ref MessagePackWriter writer,
        MessageFlags flags,
        long thread,
        long request,
        long parent,
        long target,
        uint method)
    {
        var header = new HeaderWriter(writer.GetSpan(HeaderWriter.MaxBytes));
        header.Begin(Elements, MessageType.Call);
        header.Put((byte)flags);
        header.Put(thread);
        header.Put(request);
        header.Put(parent);
        header.Put(target);
        header.Put(method);
        writer.Advance(header.Written);
    }

    /// <summary>Reads the header. The sender's number of a thread is the negative of the receiver's.</summary>
    public static void ReadHeader(Message message, ref HeaderReader reader)
    {
        message.Flags = (MessageFlags)reader.ReadByte();
        message.Thread = -reader.ReadInt64();
        message.Request = reader.ReadInt64();
        message.Parent = reader.ReadInt64();
        message.Target = reader.ReadInt64();
        message.Method = reader.ReadUInt32();
    }

    /// <summary>
    /// Reads back what <see cref="Write"/> wrote after the length, up to the arguments, without thread and parent.
    /// </summary>
    public static void ReadBack(
        ref MessagePackReader reader,
        out MessageFlags flags,
        out long request,
        out long target,
        out uint method)
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

    /// <summary>Marks an already written Call as carrying the caller's trace context after its arguments.</summary>
    public static void MarkTraced(Span<byte> frame)
    {
        const int headerOffset = MessageFormat.LengthPrefix;
        frame[headerOffset]++; // One more element: the low four bits of a short array header are the count.
        frame[MessageFormat.FlagsOffset] |= (byte)MessageFlags.Traced;
    }
}
