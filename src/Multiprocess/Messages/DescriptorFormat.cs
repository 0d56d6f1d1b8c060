using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>
/// The encoding of a descriptor: a MessagePack extension that holds one integer, the index of the descriptor among
/// those of its message.
/// </summary>
internal static class DescriptorFormat
{
    public const sbyte ExtensionType = 2;

    public static void Write(ref MessagePackWriter writer, int place)
    {
        writer.WriteExtensionFormatHeader(new ExtensionHeader(ExtensionType, place > sbyte.MaxValue ? 2u : 1u));
        writer.Write(place);
    }

    public static long Read(ref MessagePackReader reader)
    {
        ExtensionHeader header = reader.ReadStrictExtensionHeader();
        if (header.TypeCode != ExtensionType)
        {
            throw new IpcProtocolException(
                $"Expected a descriptor (extension type {ExtensionType}), got extension type {header.TypeCode}.")
            {
                At = -1,
            };
        }

        long before = reader.Consumed;
        long place = reader.ReadStrictInt64();
        return place >= 0 && reader.Consumed - before == header.Length
            ? place
            : throw new IpcProtocolException(
                $"Expected a place of {header.Length} bytes from 0, got {place} in {reader.Consumed - before} bytes.")
            {
                At = -1,
            };
    }
}
