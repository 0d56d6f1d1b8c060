using System.IO.Pipelines;
using Nerdbank.Streams;

namespace Multiprocess;

/// <summary>A stream that the application has passed: its pipe, and its end.</summary>
/// <remarks>
/// <para>
/// The stream is disposed when the pipe was closed and its last bytes are written. A stream that accepts no more bytes,
/// or whose read ignores its token, is disposed a moment later anyway.
/// </para>
/// <para>
/// Writing to the stream and disposing it run on the thread pool, so they block no thread that sends or closes. This is
/// why <c>UsePipeWriter</c> is used, and not a writer that writes during a flush. The reader is the base library's: the
/// reader of <c>UsePipe</c> loses received bytes when the stream then fails, as a socket does when its peer left bytes
/// unread.
/// </para>
/// </remarks>
internal sealed class OwnStream
{
    /// <summary>The name of the stream in logs.</summary>
    public const string Description = "application's stream";

    private const int Closed = 1;
    private const int Written = 2;

    /// <summary>How long writing the last bytes may take.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private static readonly PipeOptions s_outgoing = new(
        pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);

    private readonly Stream _stream;

    // Which of Closed and Written have happened. The method that adds the second one ends the stream.
    private int _state;
    private Timer? _end;

    /// <exception cref="ArgumentException">The stream cannot be both read and written; it is not changed.</exception>
    public OwnStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead || !stream.CanWrite)
        {
            string got = (stream.CanRead, stream.CanWrite) switch
            {
                (true, _) => "one that can only be read",
                (_, true) => "one that can only be written",
                _ => "one that can be neither: it may be closed already",
            };
            throw new ArgumentException(
                $"Stream for a connection: Expected one that can be read and written, got {got}.", nameof(stream));
        }

        stream = stream is System.Net.WebSockets.WebSocketStream ? new PatientStream(stream) : stream;
        _stream = stream;
        PipeWriter output = stream.UsePipeWriter(s_outgoing);
#pragma warning disable CS0618 // Not every writer calls it, but that of a Pipe does.
        output.OnReaderCompleted(static (_, own) => ((OwnStream)own!).HasWritten(), this);
#pragma warning restore CS0618
        Pipe = new DuplexPipe(
            PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true)), output);
    }

    /// <summary>The pipe that the connection reads and writes.</summary>
    public IDuplexPipe Pipe { get; }

    /// <summary>Called when the pipe was closed; does not block.</summary>
    public void EndSoon()
    {
        bool isWritten = (Interlocked.Or(ref _state, Closed) & Written) != 0;
        _end = new Timer(
            static own => ((OwnStream)own!).End(),
            this,
            isWritten ? TimeSpan.Zero : s_lastWords,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called when everything is written, or writing has failed. On the thread pool.</summary>
    private void HasWritten()
    {
        if ((Interlocked.Or(ref _state, Written) & Closed) != 0)
        {
            End();
        }
    }

    // May run twice, which a stream's Dispose allows.
    private void End()
    {
        _end?.Dispose();
        try
        {
            _stream.Dispose();
        }
        catch (Exception)
        {
            // The connection has already ended: the exception cannot be reported.
        }
    }
}
