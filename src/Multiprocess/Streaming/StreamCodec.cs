using System.ComponentModel;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Streaming;

namespace Multiprocess.Generated;

/// <summary>
/// A stream, by reference, as <c>[reference, abilities]</c>. Disposing it on the receiving side disposes it on the
/// sending side.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StreamCodec : IIpcCodec<Stream>
{
    static StreamCodec() => IpcContract.Register(new ByteStreamStub());

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Stream value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteArrayHeader(2);
        context.WriteReference(ref writer, ByteStream.Of(value));
        writer.Write((byte)RemoteStream.AbilitiesOf(value));
    }

    /// <inheritdoc/>
    public static Stream Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(Stream), 2);
        IByteStream? stream = context.ReadReference<IByteStream>(ref reader);
        var abilities = (StreamAbilities)reader.ReadStrictByte();
        if (stream is null)
        {
            MessagePackErrors.ThrowNil("a reference to a stream");
        }

        return stream is ByteStreamProxy proxy ? proxy.With(abilities) : stream.Stream;
    }
}
