using System.IO.Pipelines;
using Nerdbank.Streams;

namespace Multiprocess;

/// <summary>A stream that the application has handed over: its pipe, and its end.</summary>
/// <remarks>
/// The stream is disposed when the pipe was closed and its last bytes are written; one that takes no more bytes, or whose
/// read does not heed its token, a moment later all the same. What the stream does when it is written to or disposed
/// runs on the thread pool and can block no thread that sends or closes: hence <c>UsePipeWriter</c> and not a writer that
/// writes when it is flushed. The reader is the base library's: the one of <c>UsePipe</c> loses what it has already
/// received when the stream then fails, as a socket does whose peer left bytes unread.
/// </remarks>
internal sealed class OwnStream
{
    /// <summary>What logs call it.</summary>
    public const string Description = "application's stream";

    private const int Closed = 1;
    private const int Written = 2;

    /// <summary>How long what was sent last may take to be written.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private static readonly PipeOptions s_outgoing = new(
        pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);

    private readonly Stream _stream;

    // What has happened of Closed and Written. Whoever adds the second one ends the stream.
    private int _state;
    private Timer? _end;

    /// <exception cref="ArgumentException">The stream cannot be both read and written; it is left as it is.</exception>
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
            throw new ArgumentException($"Stream for a connection: Expected one that can be read and written, got {got}.", nameof(stream));
        }

        _stream = stream;
        PipeWriter output = stream.UsePipeWriter(s_outgoing);
#pragma warning disable CS0618 // Not every writer calls it, but that of a Pipe does.
        output.OnReaderCompleted(static (_, own) => ((OwnStream)own!).HasWritten(), this);
#pragma warning restore CS0618
        Pipe = new DuplexPipe(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true)), output);
    }

    /// <summary>What the connection reads and writes.</summary>
    public IDuplexPipe Pipe { get; }

    /// <summary>Called when the pipe was closed; waits for nothing.</summary>
    public void EndSoon()
    {
        bool isWritten = (Interlocked.Or(ref _state, Closed) & Written) != 0;
        _end = new Timer(static own => ((OwnStream)own!).End(), this, isWritten ? TimeSpan.Zero : s_lastWords, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Everything is written, or writing has failed. Called on the pool.</summary>
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
            // The connection has ended already, and with it everybody who could be told.
        }
    }
}
