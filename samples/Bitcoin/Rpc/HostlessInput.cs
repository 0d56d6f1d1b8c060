using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Bitcoin.Rpc;

/// <summary>
/// A client's bytes, with an empty Host header added to each request without one. Kestrel refuses such an HTTP/1.1
/// request; Bitcoin Core accepts it.
/// </summary>
/// <remarks>
/// Kestrel has no option for it, and refuses before any code of the application runs. So the bytes are copied through a
/// pipe of a few kilobytes, which examines the heads of requests. No code here uses the name of the host.
/// </remarks>
internal static class HostlessInput
{
    /// <summary>The header that is inserted after the first line.</summary>
    internal static ReadOnlySpan<byte> Host => "Host:\r\n"u8;

    private static readonly PipeOptions s_options = WipingPool.Options();

    /// <summary>Wraps a connection's input.</summary>
    /// <param name="maxHeadBytes">
    /// A head of this many bytes without an end is passed to the server unchanged, which refuses it.
    /// </param>
    internal static Func<ConnectionDelegate, ConnectionDelegate> Use(int maxHeadBytes) => next => async connection =>
    {
        IDuplexPipe transport = connection.Transport;
        Pipe pipe = new(s_options);
        connection.Transport = new Pipes(new WipingReader(pipe.Reader), transport.Output);
        Task copying = Copy(transport.Input, pipe.Writer, new RequestFraming(maxHeadBytes));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            // Kestrel may leave the pipe open; the copying would then wait for space in it.
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            transport.Input.CancelPendingRead();
            await copying.ConfigureAwait(false);
            connection.Transport = transport;
        }
    };

    private static async Task Copy(PipeReader input, PipeWriter output, RequestFraming framing)
    {
        Exception? end = null;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync().ConfigureAwait(false);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (!rest.IsEmpty && framing.Take(rest, out long insertAt) is > 0 and long taken)
                {
                    Write(output, rest.Slice(0, taken), insertAt, framing.Blank);
                    rest = rest.Slice(taken);
                }

                if (read.IsCompleted)
                {
                    // The client sent half a head: the server answers that.
                    Write(output, rest, insertAt: -1, blank: default);
                    rest = rest.Slice(rest.End);
                }

                input.AdvanceTo(rest.Start, read.Buffer.End);
                FlushResult flushed = await output.FlushAsync().ConfigureAwait(false);
                if (read.IsCompleted || read.IsCanceled || flushed.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client reset the connection, or the server aborted it.
            end = exception;
        }
        finally
        {
            await output.CompleteAsync(end).ConfigureAwait(false);
        }
    }

    private static void Write(
        PipeWriter output, ReadOnlySequence<byte> bytes, long insertAt, (long At, int Length) blank)
    {
        if (insertAt >= 0)
        {
            Write(output, bytes.Slice(0, insertAt), insertAt: -1, blank: default);
            output.Write(Host);
            bytes = bytes.Slice(insertAt);
        }
        else if (blank.Length > 0)
        {
            Write(output, bytes.Slice(0, blank.At), insertAt: -1, blank: default);
            output.Write([.. Enumerable.Repeat((byte)' ', blank.Length)]);
            bytes = bytes.Slice(blank.At + blank.Length);
        }

        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            output.Write(part.Span);
        }
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
