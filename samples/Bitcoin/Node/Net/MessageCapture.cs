using System.Text;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>
/// Writes all messages of peers to files, in a directory for each peer: time, name in 12 bytes, length, message.
/// Thread-safe.
/// </summary>
internal sealed class MessageCapture(string root, TimeProvider clock, DebugLog log)
{
    private const int NameBytes = 12;

    private readonly Lock _gate = new();

    internal void Write(Peer peer, string name, byte[] payload, bool isIncoming)
    {
        byte[] padded = new byte[NameBytes];
        Encoding.ASCII.GetBytes(name.AsSpan(0, Math.Min(name.Length, NameBytes)), padded);
        long microseconds = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        byte[] record = new WireWriter()
            .Int64(microseconds)
            .Bytes(padded)
            .UInt32((uint)payload.Length)
            .Bytes(payload)
            .ToArray();
        string directory = Path.Combine(root, peer.Address.ToString().Replace(':', '_'));
        try
        {
            lock (_gate)
            {
                Directory.CreateDirectory(directory);
                using FileStream file = new(
                    Path.Combine(directory, isIncoming ? "msgs_recv.dat" : "msgs_sent.dat"), FileMode.Append);
                file.Write(record);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Write("net", $"A message could not be written down: {exception.Message}");
        }
    }
}
