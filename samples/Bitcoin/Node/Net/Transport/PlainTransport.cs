namespace Bitcoin.Node.Net.Transport;

/// <summary>Messages as plain frames: magic, name, length, checksum.</summary>
internal sealed class PlainTransport(PeerStream stream, ReadOnlyMemory<byte> magic, Action<string> log) : IPeerTransport
{
    /// <summary>How the first message of a connection begins, in bytes.</summary>
    internal const int PrefixBytes = 16;

    /// <summary>How the first message of a connection begins.</summary>
    internal static byte[] Prefix(ReadOnlySpan<byte> magic) => Frame.Write(magic, "version", [])[..PrefixBytes];

    public byte[] Write(string name, byte[] payload) => Frame.Write(magic.Span, name, payload);

    public async Task<ReceivedMessage?> Read()
    {
        byte[] header = new byte[Frame.HeaderBytes];
        if (!await stream.Fill(header).ConfigureAwait(false))
        {
            return null;
        }

        string name = Frame.Name(header, out bool isName);
        int length = BitConverter.ToInt32(header, 16);
        if (!header.AsSpan(0, 4).SequenceEqual(magic.Span))
        {
            log($"Header error: Wrong MessageStart {Convert.ToHexStringLower(header.AsSpan(0, 4))} received");
            return null;
        }

        if (length is < 0 or > Frame.MaxPayloadBytes)
        {
            log($"Header error: Size too large ({name}, {(uint)length} bytes)");
            return null;
        }

        byte[] payload = new byte[length];
        if (!await stream.Fill(payload).ConfigureAwait(false))
        {
            return null;
        }

        int bytes = Frame.HeaderBytes + length;
        byte[] checksum = Frame.Checksum(payload);
        if (!checksum.AsSpan().SequenceEqual(header.AsSpan(20, 4)))
        {
            log(
                $"Header error: Wrong checksum ({name}, {length} bytes), expected "
                    + $"{Convert.ToHexStringLower(checksum)} was {Convert.ToHexStringLower(header.AsSpan(20, 4))}");
            return new ReceivedMessage(name, null, bytes);
        }

        if (!isName)
        {
            log($"Header error: Invalid message type ({length} bytes)");
            return new ReceivedMessage("", null, bytes);
        }

        return new ReceivedMessage(name, payload, bytes);
    }

    public void Dispose()
    {
    }
}
