using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>ThreadStarted, type 6: names a thread of the sender before its first call.</summary>
internal static class ThreadStartedMessage
{
    /// <summary>Least number of elements: type, thread, name.</summary>
    public const int Elements = 3;

    /// <summary>
    /// Longest name, in UTF-16 code units. Both sender and receiver cut longer names, because a name is kept as long as
    /// its thread.
    /// </summary>
    public const int MaxNameLength = 200;

    public static void Write(ref MessagePackWriter writer, long thread, string name)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.ThreadStarted);
        writer.Write(thread);
        writer.WriteStrict(name);
    }

    /// <summary>Reads the header. The sender's number of a thread is the negative of the receiver's.</summary>
    public static void ReadHeader(Message message, ref HeaderReader reader) => message.Thread = -reader.ReadInt64();

    /// <summary>Reads the name, which is the body, and cuts it to the longest length.</summary>
    public static string ReadName(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        string name = reader.ReadStrictString()
            ?? throw new IpcProtocolException("Expected the name of a thread, got nil.");
        message.CheckEnd(ref reader);
        return Cut(name);
    }

    /// <summary>Cuts a thread's name to the longest length.</summary>
    public static string Cut(string name) => name.Length > MaxNameLength ? name[..MaxNameLength] : name;
}
