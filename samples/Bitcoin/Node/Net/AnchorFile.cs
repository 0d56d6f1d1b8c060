using Bitcoin.Hosting;
using Bitcoin.Primitives;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

/// <summary>
/// Stores the block-relay-only peers in anchors.dat, for the next start. An attacker who could choose all new peers of
/// a restarted node cannot choose these.
/// </summary>
internal static class AnchorFile
{
    internal const string Name = "anchors.dat";
    internal const int Most = 2;

    private const int ChecksumBytes = 32;
    private const uint DiskVersion = 220_000 | (1 << 29);

    /// <summary>
    /// Reads the file and deletes it: anchors that crash the node are not tried twice. A damaged file counts as empty.
    /// </summary>
    internal static IReadOnlyList<(NetAddress Address, ulong Services)> Take(
        string path, NetworkParameters network, DebugLog log)
    {
        IReadOnlyList<(NetAddress, ulong)> anchors = [];
        try
        {
            if (File.Exists(path))
            {
                anchors = Read(File.ReadAllBytes(path), network);
                log.Write($"Loaded {anchors.Count} addresses from {Name}");
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            File.Delete(path);
        }

        log.Write($"{anchors.Count} block-relay-only anchors will be tried for connections.");
        return [.. anchors.Take(Most)];
    }

    /// <summary>Writes the file; a failure is logged.</summary>
    internal static void TrySave(
        IReadOnlyList<(NetAddress Address, ulong Services)> anchors,
        string path,
        NetworkParameters network,
        DebugLog log)
    {
        log.Write($"DumpAnchors: Flush {anchors.Count} outbound block-relay-only peer addresses to {Name}");
        WireWriter writer = new WireWriter().Bytes(network.Magic.Span).Count(anchors.Count);
        foreach ((NetAddress address, ulong services) in anchors)
        {
            writer.UInt32(DiskVersion).UInt32(0).Count((long)services);
            address.Write(writer, hasPort: true);
        }

        byte[] body = writer.ToArray();
        try
        {
            File.WriteAllBytes(path, [.. body, .. Hashes.DoubleSHA256RawBytes(body, 0, body.Length)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Warn($"{Name} could not be written: {exception.Message}");
        }
    }

    private static List<(NetAddress, ulong)> Read(byte[] bytes, NetworkParameters network)
    {
        WireReader reader = new(bytes);
        if (!reader.Take(network.Magic.Length).SequenceEqual(network.Magic.Span))
        {
            throw new FormatException("Invalid network magic number");
        }

        List<(NetAddress, ulong)> anchors = [];
        ulong count = reader.Count();
        for (ulong i = 0; i < count; i++)
        {
            reader.UInt32();
            reader.UInt32();
            ulong services = reader.Count();
            bool isUseful = (services & PeerMessages.NodeWitness) != 0
                && (services & (PeerMessages.NodeNetwork | PeerMessages.NodeLimited)) != 0;
            if (NetAddress.Read(ref reader, hasPort: true) is { } address && isUseful)
            {
                anchors.Add((address, services));
            }
        }

        byte[] checksum = reader.Take(ChecksumBytes).ToArray();
        return Hashes.DoubleSHA256RawBytes(bytes, 0, bytes.Length - ChecksumBytes).AsSpan().SequenceEqual(checksum)
            ? anchors
            : throw new FormatException("Checksum mismatch, data corrupted");
    }
}
