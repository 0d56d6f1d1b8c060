using System.IO.Pipelines;
using Multiprocess.Transports;
using Nerdbank.Streams;

namespace Multiprocess;

/// <summary>Two connected ends in one process, over memory.</summary>
internal static class InMemoryTransport
{
    /// <summary>Creates a connected pair.</summary>
    /// <param name="bufferBytes">
    /// How many bytes each direction holds before its sender must wait. Default 64 KiB; at least 2.
    /// </param>
    public static (DuplexPipeTransport First, DuplexPipeTransport Second) CreatePair(int bufferBytes = 64 * 1024)
    {
        (IDuplexPipe first, IDuplexPipe second) = FullDuplexStream.CreatePipePair(new PipeOptions(
            readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: bufferBytes,
            resumeWriterThreshold: bufferBytes / 2,
            useSynchronizationContext: false));
        IpcPeer own = PeerCredentials.Own();

        // Both ends are in this process, so a duplicate of a descriptor is all that has to cross.
        DescriptorMailbox? toFirst = OperatingSystem.IsLinux() ? new DescriptorMailbox() : null;
        DescriptorMailbox? toSecond = OperatingSystem.IsLinux() ? new DescriptorMailbox() : null;
        return (
            new DuplexPipeTransport(
                first, own, "in-memory pair", descriptorsTo: toSecond, descriptorsFrom: toFirst),
            new DuplexPipeTransport(
                second, own, "in-memory pair", descriptorsTo: toFirst, descriptorsFrom: toSecond));
    }
}
