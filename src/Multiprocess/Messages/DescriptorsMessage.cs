using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>
/// Descriptors, type 11: announces that the next message (a Call, Return or Error) has descriptors. They arrive with
/// the first byte of this message.
/// </summary>
internal static class DescriptorsMessage
{
    /// <summary>Least number of elements: type, count.</summary>
    public const int Elements = 2;

    /// <summary>Largest size of the message in bytes, including its length.</summary>
    public const int MostBytes = MessageFormat.LengthPrefix + 1 + 1 + 5;

    public static void Write(ref MessagePackWriter writer, int count)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Descriptors);
        writer.Write(count);
    }

    /// <summary>Reads the message, which has no header.</summary>
    /// <exception cref="IpcProtocolException">The number is not positive.</exception>
    public static int Read(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        int count = reader.ReadStrictInt32();
        message.CheckEnd(ref reader);
        return count > 0
            ? count
            : throw new IpcProtocolException($"Expected a number from 1 in a Descriptors message, got {count}.");
    }
}
