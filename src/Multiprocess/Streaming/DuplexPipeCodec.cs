using System.ComponentModel;
using System.IO.Pipelines;
using Multiprocess.Serialization;
using Multiprocess.Streaming;

namespace Multiprocess.Generated;

/// <summary>A pipe, by reference: the receiver reads its input and writes its output.</summary>
/// <remarks>
/// The receiver requests each read and waits for each write, so the pipe's own thresholds hold across processes. A lost
/// connection completes both directions.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DuplexPipeCodec : IIpcCodec<IDuplexPipe>
{
    static DuplexPipeCodec() => IpcContract.Register(new BytePipeStub());

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IDuplexPipe value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.WriteReference(ref writer, BytePipe.Of(value));
    }

    /// <inheritdoc/>
    public static IDuplexPipe Read(ref MessagePackReader reader, IpcReadContext context)
    {
        IBytePipe? pipe = context.ReadReference<IBytePipe>(ref reader);
        if (pipe is null)
        {
            MessagePackErrors.ThrowNil("a reference to a pipe");
        }

        return pipe.Pipe;
    }
}
