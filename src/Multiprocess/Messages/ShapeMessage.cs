using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Shape, type 9: the types that a method carries by value at the sender.</summary>
internal static class ShapeMessage
{
    /// <summary>Least number of elements: type, contract, method, shape.</summary>
    public const int Elements = 4;

    public static void Write(ref MessagePackWriter writer, string contract, uint method, string shape)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Shape);
        writer.WriteStrict(contract);
        writer.Write(method);
        writer.WriteStrict(shape);
    }

    public static void Read(Message message, out string contract, out uint method, out string shape)
    {
        var reader = new MessagePackReader(message.Body);
        string? name = reader.ReadStrictString();
        method = reader.ReadStrictUInt32();
        string? text = reader.ReadStrictString();
        if (name is null || text is null)
        {
            throw new IpcProtocolException("Shape: Expected the shape of a contract's method, got nil.");
        }

        message.CheckEnd(ref reader);
        contract = name;
        shape = text;
    }
}
