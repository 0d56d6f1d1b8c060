using System.Runtime.CompilerServices;

namespace Multiprocess.Streaming;

/// <summary>The object that crosses, by reference, for a <see cref="System.IO.Stream"/>.</summary>
internal interface IByteStream : IDisposable
{
    /// <summary>The stream: the original on its own side, a remote one on the other side.</summary>
    Stream Stream { get; }
}

/// <summary>A stream of this side that the other side may use.</summary>
internal sealed class ByteStream : IByteStream
{
    // One per stream, so that a stream that is sent twice is the same reference.
    private static readonly ConditionalWeakTable<Stream, ByteStream> s_streams = [];

    private ByteStream(Stream stream) => Stream = stream;

    public Stream Stream { get; }

    public static IByteStream Of(Stream stream)
        => stream is RemoteStream remote
            ? remote.Proxy
            : s_streams.GetValue(stream, static stream => new ByteStream(stream));

    public void Dispose() => Stream.Dispose();
}
