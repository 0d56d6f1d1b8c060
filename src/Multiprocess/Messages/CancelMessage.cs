using Multiprocess.Protocols;

namespace Multiprocess.Messages;

/// <summary>Cancel, type 4: the caller cancels or abandons a call.</summary>
internal static class CancelMessage
{
    /// <summary>Least number of elements: type, thread, request.</summary>
    public const int Elements = 3;

    public static void Write(ref MessagePackWriter writer, long thread, long request)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Cancel);
        writer.Write(thread);
        writer.Write(request);
    }

    /// <summary>
    /// Reads the header, which is the whole message. The sender's number of a thread is the negative of the receiver's.
    /// </summary>
    public static void ReadHeader(Message message, ref HeaderReader reader)
    {
        message.Thread = -reader.ReadInt64();
        message.Request = reader.ReadInt64();
    }
}
