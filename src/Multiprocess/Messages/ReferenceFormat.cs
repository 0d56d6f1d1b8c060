using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>The encoding of a reference to an object: a MessagePack extension that holds one integer.</summary>
/// <remarks>
/// A positive integer is the handle of an object of the sender. A negative integer is the negated handle of an object
/// of the receiver, which comes home.
/// </remarks>
internal static class ReferenceFormat
{
    public const sbyte ExtensionType = 1;

    public static void Write(ref MessagePackWriter writer, long handle)
    {
        int size = handle switch
        {
            >= -32 and <= 127 => 1,
            >= sbyte.MinValue and <= byte.MaxValue => 2,
            >= short.MinValue and <= ushort.MaxValue => 3,
            >= int.MinValue and <= uint.MaxValue => 5,
            _ => 9,
        };
        writer.WriteExtensionFormatHeader(new ExtensionHeader(ExtensionType, (uint)size));
        writer.Write(handle);
    }

    public static long Read(ref MessagePackReader reader)
    {
        ExtensionHeader header = reader.ReadStrictExtensionHeader();
        if (header.TypeCode != ExtensionType)
        {
            throw new IpcProtocolException(
                $"Expected a reference (extension type {ExtensionType}), got extension type {header.TypeCode}.")
            {
                At = -1,
            };
        }

        long before = reader.Consumed;
        long handle = reader.ReadStrictInt64();
        if (handle is 0 or long.MinValue || reader.Consumed - before != header.Length)
        {
            throw new IpcProtocolException(
                $"Expected a handle of {header.Length} bytes that is not 0, got {handle} in "
                    + $"{reader.Consumed - before} bytes.")
            {
                At = -1,
            };
        }

        return handle;
    }

    /// <summary>Calls <paramref name="found"/> for each reference in a message's body, at any depth.</summary>
    public static void ForEach(ReadOnlyMemory<byte> body, Action<long> found)
    {
        // Containers need no stack: their elements simply follow them, and the body is read to its end.
        var reader = new MessagePackReader(body);
        while (!reader.End)
        {
            switch (reader.PeekStrictType())
            {
                case MessagePackType.Array:
                    reader.ReadStrictArrayHeader();
                    break;
                case MessagePackType.Map:
                    reader.ReadStrictMapHeader();
                    break;
                case MessagePackType.Extension when reader.PeekStrictExtension().TypeCode == ExtensionType:
                    found(Read(ref reader));
                    break;
                default:
                    reader.SkipStrict();
                    break;
            }
        }
    }
}
