using System.IO.Pipelines;

namespace Multiprocess.Transports.Memory;

/// <summary>Two ends in one process, over memory alone.</summary>
internal static class InMemoryTransport
{
    /// <summary>Makes a connected pair.</summary>
    /// <param name="bufferBytes">What each direction holds before its sender has to wait. Default 64 KiB; at least 2.</param>
    public static (DuplexPipeTransport First, DuplexPipeTransport Second) CreatePair(int bufferBytes = 64 * 1024)
    {
        PipeOptions options = new(
            readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: bufferBytes,
            resumeWriterThreshold: bufferBytes / 2,
            useSynchronizationContext: false);
        Pipe forth = new(options);
        Pipe back = new(options);
        IpcPeer own = PeerCredentials.Own();
        return (
            new DuplexPipeTransport(new End(back.Reader, forth.Writer), own, "in-memory pair"),
            new DuplexPipeTransport(new End(forth.Reader, back.Writer), own, "in-memory pair"));
    }

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
