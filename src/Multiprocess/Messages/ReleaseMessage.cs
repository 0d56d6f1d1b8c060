using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Release, type 5: the sender releases references to an object of the receiver.</summary>
internal static class ReleaseMessage
{
    /// <summary>Least number of elements: type, handle, count.</summary>
    public const int Elements = 3;

    public static void Write(ref MessagePackWriter writer, long handle, long count)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Release);
        writer.Write(handle);
        writer.Write(count);
    }

    public static void Read(Message message, out long handle, out long count)
    {
        var reader = new MessagePackReader(message.Body);
        handle = reader.ReadStrictInt64();
        count = reader.ReadStrictInt64();
        message.CheckEnd(ref reader);
    }
}
