using System.Buffers.Binary;

namespace Bitcoin.Descriptors;

/// <summary>A field of a PSBT as it stands in its bytes.</summary>
internal sealed record PsbtField(byte[] Key, byte[] Value);

/// <summary>The maps of a PSBT as they stand in its bytes: the global one, then those of inputs and outputs.</summary>
public static class PsbtMaps
{
    private const int MagicBytes = 5;

    /// <summary>Reads the maps. The last one is not empty if the bytes are cut off.</summary>
    internal static List<List<PsbtField>> Read(byte[] psbt)
    {
        List<List<PsbtField>> maps = [];
        List<PsbtField> open = [];
        for (int at = MagicBytes; at < psbt.Length;)
        {
            if (Take(psbt, ref at) is not { } key)
            {
                break;
            }

            if (key.Length == 0)
            {
                maps.Add(open);
                open = [];
                continue;
            }

            if (Take(psbt, ref at) is not { } value)
            {
                break;
            }

            open.Add(new PsbtField(key, value));
        }

        return [.. maps, open];
    }

    /// <summary>Writes maps that are whole.</summary>
    internal static byte[] Write(IEnumerable<IReadOnlyList<PsbtField>> maps)
    {
        List<byte> bytes = [.. "psbt"u8, 0xff];
        foreach (IReadOnlyList<PsbtField> map in maps)
        {
            foreach (PsbtField field in map)
            {
                bytes.AddRange(Number((ulong)field.Key.Length));
                bytes.AddRange(field.Key);
                bytes.AddRange(Number((ulong)field.Value.Length));
                bytes.AddRange(field.Value);
            }

            bytes.Add(0);
        }

        return [.. bytes];
    }

    /// <summary>Writes a number in the form of the network's messages.</summary>
    public static byte[] Number(ulong number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return number < 253 ? bytes[..1]
            : number <= ushort.MaxValue ? [253, .. bytes[..2]]
            : number <= uint.MaxValue ? [254, .. bytes[..4]]
            : [255, .. bytes];
    }

    /// <summary>Reads a number in the form of the network's messages; null if it is cut off.</summary>
    public static ulong? Count(byte[] bytes, ref int at)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (at >= bytes.Length)
        {
            return null;
        }

        int size = bytes[at] switch { 253 => 2, 254 => 4, 255 => 8, _ => 0 };
        if (bytes.Length - at < 1 + size)
        {
            return null;
        }

        ulong count = size == 0 ? bytes[at] : 0UL;
        for (int i = size; i > 0; i--)
        {
            count = (count << 8) | bytes[at + i];
        }

        at += 1 + size;
        return count;
    }

    private static byte[]? Take(byte[] bytes, ref int at)
    {
        if (Count(bytes, ref at) is not { } length || length > (ulong)(bytes.Length - at))
        {
            return null;
        }

        byte[] taken = bytes[at..(at + (int)length)];
        at += (int)length;
        return taken;
    }
}
