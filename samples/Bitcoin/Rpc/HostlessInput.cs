using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Bitcoin.Rpc;

/// <summary>
/// What a client sends, with an empty Host in each request that has none: Kestrel refuses a request of HTTP/1.1 without
/// one, and Bitcoin Core does not.
/// </summary>
/// <remarks>
/// Kestrel has no option for it, and refuses before any code of an application runs. So the bytes go through a pipe of
/// a few kilobytes, and those that are a head are looked at. Nothing here depends on the name of a host.
/// </remarks>
internal static class HostlessInput
{
    /// <summary>What is put in behind the first line.</summary>
    internal static ReadOnlySpan<byte> Host => "Host:\r\n"u8;

    private static readonly PipeOptions s_options = new(
        pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);

    /// <summary>Puts it around a connection's input.</summary>
    /// <param name="maxHeadBytes">
    /// From how many bytes on a head without an end is given to the server as it is, to be refused.
    /// </param>
    internal static Func<ConnectionDelegate, ConnectionDelegate> Use(int maxHeadBytes) => next => async connection =>
    {
        IDuplexPipe transport = connection.Transport;
        Pipe pipe = new(s_options);
        connection.Transport = new Pipes(pipe.Reader, transport.Output);
        Task copying = Copy(transport.Input, pipe.Writer, new RequestFraming(maxHeadBytes));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            // Kestrel may leave the pipe open; the copying would wait for room in it.
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
                    Write(output, rest.Slice(0, taken), insertAt);
                    rest = rest.Slice(taken);
                }

                if (read.IsCompleted)
                {
                    // Half a head: the server knows what to say of it.
                    Write(output, rest, insertAt: -1);
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
            // A connection that was reset, or aborted by the server.
            end = exception;
        }
        finally
        {
            await output.CompleteAsync(end).ConfigureAwait(false);
        }
    }

    private static void Write(PipeWriter output, ReadOnlySequence<byte> bytes, long insertAt)
    {
        if (insertAt >= 0)
        {
            Write(output, bytes.Slice(0, insertAt), insertAt: -1);
            output.Write(Host);
            bytes = bytes.Slice(insertAt);
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
