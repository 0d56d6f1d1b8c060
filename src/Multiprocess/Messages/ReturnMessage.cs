using Multiprocess.Protocols;

namespace Multiprocess.Messages;

/// <summary>Return, type 2: the answer to a call that succeeded.</summary>
internal static class ReturnMessage
{
    /// <summary>Least number of elements: type, flags, thread, request, results.</summary>
    public const int Elements = 5;

    /// <summary>Writes the header. The array of the results follows.</summary>
    public static void Write(ref MessagePackWriter writer, long thread, long request)
    {
        var header = new HeaderWriter(writer.GetSpan(HeaderWriter.MaxBytes));
        header.Begin(Elements, MessageType.Return);
        header.Put((byte)MessageFlags.None);
        header.Put(thread);
        header.Put(request);
        writer.Advance(header.Written);
    }

    /// <summary>Reads the header. The sender's number of a thread is the negative of the receiver's.</summary>
    public static void ReadHeader(Message message, ref HeaderReader reader)
    {
        message.Flags = (MessageFlags)reader.ReadByte();
        message.Thread = -reader.ReadInt64();
        message.Request = reader.ReadInt64();
    }
}
