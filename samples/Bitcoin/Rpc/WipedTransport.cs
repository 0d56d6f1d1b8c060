using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Bitcoin.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Bitcoin.Rpc;

/// <summary>A connection that leaves nothing in memory of what it received and sent.</summary>
/// <remarks>
/// Kestrel's buffers go back to a pool as they are. So the input wipes what Kestrel has consumed; the output is sent to
/// the socket from here, and wiped when it is sent; and Kestrel's own copies are in the memory of
/// <see cref="WipingPool"/>.
/// </remarks>
internal static class WipedTransport
{
    internal static ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        IDuplexPipe transport = connection.Transport;
        Socket socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket
            ?? throw new InvalidOperationException("Connection: Expected one with a socket, got none.");
        connection.Features.Set<IMemoryPoolFeature>(new Pool());
        Pipe output = new(WipingPool.Options());
        connection.Transport = new Pipes(new WipingReader(transport.Input), output.Writer);
        Task sending = Send(output.Reader, socket);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            // All of it is sent before the connection is closed.
            await output.Writer.CompleteAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            connection.Transport = transport;
        }
    };

    private static async Task Send(PipeReader output, Socket socket)
    {
        try
        {
            while (true)
            {
                ReadResult read = await output.ReadAsync().ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                {
                    for (ReadOnlyMemory<byte> rest = part; rest.Length > 0;)
                    {
                        rest = rest[await socket.SendAsync(rest, SocketFlags.None).ConfigureAwait(false)..];
                    }
                }

                output.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has disconnected, or the server has aborted the connection. Kestrel's writing ends.
        }
        finally
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }
    }

    private sealed class Pool : IMemoryPoolFeature
    {
        public MemoryPool<byte> MemoryPool => WipingPool.Shared;
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
