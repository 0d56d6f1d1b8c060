using Multiprocess.Protocols;

namespace Multiprocess.Messages;

/// <summary>ThreadEnded, type 7: a thread of the sender makes no more calls.</summary>
internal static class ThreadEndedMessage
{
    /// <summary>Least number of elements: type, thread.</summary>
    public const int Elements = 2;

    public static void Write(ref MessagePackWriter writer, long thread)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.ThreadEnded);
        writer.Write(thread);
    }

    /// <summary>
    /// Reads the header, which is the whole message. The sender's number of a thread is the negative of the receiver's.
    /// </summary>
    public static void ReadHeader(Message message, ref HeaderReader reader) => message.Thread = -reader.ReadInt64();
}
