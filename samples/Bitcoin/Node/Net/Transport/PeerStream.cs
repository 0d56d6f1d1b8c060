using System.Net.Sockets;

namespace Bitcoin.Node.Net.Transport;

/// <summary>The bytes of a connection, counted.</summary>
/// <remarks>One thread reads, and one writes.</remarks>
internal sealed class PeerStream(Socket socket, TimeProvider clock, CancellationToken ended) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    // What was read too early. Used by the reading thread.
    private ReadOnlyMemory<byte> _putBack;

    internal long BytesSent { get; private set; }

    internal long BytesReceived { get; private set; }

    internal DateTimeOffset LastSend { get; private set; }

    internal DateTimeOffset LastReceive { get; private set; }

    /// <summary>Makes bytes the next ones to be read.</summary>
    internal void PutBack(ReadOnlyMemory<byte> bytes) => _putBack = bytes;

    /// <summary>Fills a buffer.</summary>
    /// <returns>False at the end of the connection.</returns>
    internal async Task<bool> Fill(Memory<byte> buffer)
    {
        int early = Math.Min(buffer.Length, _putBack.Length);
        _putBack[..early].CopyTo(buffer);
        _putBack = _putBack[early..];
        try
        {
            for (int done = early; done < buffer.Length;)
            {
                int read = await _stream.ReadAsync(buffer[done..], ended).ConfigureAwait(false);
                if (read == 0)
                {
                    return false;
                }

                done += read;
                BytesReceived += read;
                LastReceive = clock.GetUtcNow();
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException
            or SocketException
            or ObjectDisposedException
            or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends bytes.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    internal async Task Write(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes, ended).ConfigureAwait(false);
        BytesSent += bytes.Length;
        LastSend = clock.GetUtcNow();
    }

    public void Dispose() => _stream.Dispose();
}
