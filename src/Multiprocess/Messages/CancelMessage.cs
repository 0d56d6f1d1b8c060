namespace Multiprocess.Messages;

/// <summary>Cancel, type 4: the caller gives a call up.</summary>
internal static class CancelMessage
{
    /// <summary>How many elements it has at least: type, thread, request.</summary>
    public const int Elements = 3;

    public static void Write(ref MessagePackWriter writer, long thread, long request)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Cancel);
        writer.Write(thread);
        writer.Write(request);
    }

    /// <summary>Reads the header, which is all. The sender's number of a thread is the negative of the receiver's.</summary>
    public static void ReadHeader(Message message, ref HeaderReader reader)
    {
        message.Thread = -reader.ReadInt64();
        message.Request = reader.ReadInt64();
    }
}
