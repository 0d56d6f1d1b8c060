using System.Buffers.Binary;
using System.Text;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

/// <summary>The frame of a message: magic, name, length, checksum.</summary>
internal static class Frame
{
    internal const int HeaderBytes = 24;
    internal const int MaxPayloadBytes = 4_000_000;

    private const int NameBytes = 12;

    internal static byte[] Write(ReadOnlySpan<byte> magic, string name, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[HeaderBytes + payload.Length];
        magic.CopyTo(frame);
        Encoding.ASCII.GetBytes(name, frame.AsSpan(4, NameBytes));
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(16), payload.Length);
        Checksum(payload).CopyTo(frame, 20);
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    internal static byte[] Checksum(ReadOnlySpan<byte> payload)
        => Hashes.DoubleSHA256RawBytes(payload.ToArray(), 0, payload.Length)[..4];

    /// <summary>The name in a header, without unprintable characters.</summary>
    /// <param name="header">The header.</param>
    /// <param name="isName">Whether it is valid: letters, then zeros.</param>
    internal static string Name(ReadOnlySpan<byte> header, out bool isName)
    {
        ReadOnlySpan<byte> name = header.Slice(4, NameBytes);
        int end = name.IndexOf((byte)0);
        end = end < 0 ? NameBytes : end;
        isName = !name[end..].ContainsAnyExcept((byte)0)
            && !name[..end].ContainsAnyExceptInRange((byte)0x20, (byte)0x7e);
        return string.Concat(Encoding.ASCII.GetString(name[..end]).Where(static letter => letter is >= ' ' and <= '~'));
    }
}
