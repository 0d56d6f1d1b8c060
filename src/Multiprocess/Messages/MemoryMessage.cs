using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Memory, type 10: a step of a move into shared memory or back.</summary>
internal static class MemoryMessage
{
    /// <summary>Least number of elements: type, step, ring bytes.</summary>
    public const int Elements = 3;

    public static void Write(ref MessagePackWriter writer, MemoryStep step, int ringBytes = 0)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Memory);
        writer.Write((byte)step);
        writer.Write(ringBytes);
    }

    /// <summary>Reads the message, which has no header.</summary>
    /// <exception cref="IpcProtocolException">There is no step with this number.</exception>
    public static MemoryStep Read(Message message, out int ringBytes)
    {
        var reader = new MessagePackReader(message.Body);
        byte step = reader.ReadStrictByte();
        ringBytes = reader.ReadStrictInt32();
        message.CheckEnd(ref reader);
        return step <= (byte)MemoryStep.End
            ? (MemoryStep)step
            : throw new IpcProtocolException($"Expected a step from 0 to 4 in a Memory message, got {step}.");
    }
}
