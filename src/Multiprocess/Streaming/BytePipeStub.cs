using System.Buffers;
using System.IO.Pipelines;
using Multiprocess.Generated;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>Runs calls for pipes of this side.</summary>
internal sealed class BytePipeStub()
    : IpcStub<IBytePipe>("System.IO.Pipelines.IDuplexPipe", fingerprint: CompleteOutputId)
{
    public const uint ReadId = 1;
    public const uint WriteId = 2;
    public const uint CompleteInputId = 3;
    public const uint CompleteOutputId = 4;

    /// <summary>A pipe is handed over: its receiver is its only user, so the pipe ends with the connection.</summary>
    internal override bool IsHandedOver => true;

    public override IpcProxy CreateProxy(IpcReference reference) => new BytePipeProxy(reference);

    public override string? GetMethodName(uint methodId) => methodId switch
    {
        ReadId => "Input.ReadAsync",
        WriteId => "Output.WriteAsync",
        CompleteInputId => "Input.Complete",
        CompleteOutputId => "Output.Complete",
        _ => null,
    };

    public override void Dispatch(IBytePipe target, ref IncomingCall call)
    {
        IDuplexPipe pipe = target.Pipe;
        switch (call.MethodId)
        {
            case ReadId:
                int maxCount = call.Read<int, Int32Codec>();
                call.EndArguments();
                call.Answer<RentedBytes, RentedBytesCodec>(ReadAsync(pipe.Input, maxCount, call.CancellationToken));
                return;
            case WriteId:
                RentedBytes bytes = call.Read<RentedBytes, RentedBytesCodec>();
                call.EndArguments();
                call.Answer<bool, BooleanCodec>(WriteAsync(pipe.Output, bytes, call.CancellationToken));
                return;
            case CompleteInputId:
                Exception? readerFailure = call.ReadFault();
                call.EndArguments();
                call.Answer(pipe.Input.CompleteAsync(readerFailure));
                return;
            case CompleteOutputId:
                Exception? writerFailure = call.ReadFault();
                call.EndArguments();
                call.Answer(pipe.Output.CompleteAsync(writerFailure));
                return;
            default:
                call.MethodMissing();
                return;
        }
    }

    /// <summary>Returns the available bytes, at most <paramref name="maxCount"/>; none at the end.</summary>
    private static async Task<RentedBytes> ReadAsync(
        PipeReader reader,
        int maxCount,
        CancellationToken cancellationToken)
    {
        ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(true);
        ReadOnlySequence<byte> found = result.Buffer;
        int count = (int)Math.Min(found.Length, Math.Clamp(maxCount, 1, RentedBytes.MaxCount));
        byte[] array = RentedBytes.Rent(count);
        found.Slice(0, count).CopyTo(array);
        reader.AdvanceTo(found.GetPosition(count));
        return new RentedBytes(array, count);
    }

    /// <summary>Writes, waits while the pipe is full, and returns true when the reader has completed.</summary>
    private static async Task<bool> WriteAsync(
        PipeWriter writer,
        RentedBytes bytes,
        CancellationToken cancellationToken)
    {
        FlushResult result = await writer.WriteAsync(bytes.Memory, cancellationToken).ConfigureAwait(true);
        bytes.Return();
        return result.IsCompleted;
    }
}
