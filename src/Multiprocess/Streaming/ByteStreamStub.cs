using Multiprocess.Generated;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>
/// Runs calls for streams of this side: synchronous calls on the caller's mapped thread, asynchronous calls on the
/// thread pool.
/// </summary>
internal sealed class ByteStreamStub() : IpcStub<IByteStream>("System.IO.Stream", fingerprint: DisposeAsyncId)
{
    public const uint ReadId = 1;
    public const uint ReadAsyncId = 2;
    public const uint WriteId = 3;
    public const uint WriteAsyncId = 4;
    public const uint FlushId = 5;
    public const uint FlushAsyncId = 6;
    public const uint SeekId = 7;
    public const uint LengthId = 8;
    public const uint SetLengthId = 9;
    public const uint DisposeId = 10;
    public const uint DisposeAsyncId = 11;

    public override IpcProxy CreateProxy(IpcReference reference) => new ByteStreamProxy(reference);

    public override string? GetMethodName(uint methodId) => methodId switch
    {
        ReadId => "Read",
        ReadAsyncId => "ReadAsync",
        WriteId => "Write",
        WriteAsyncId => "WriteAsync",
        FlushId => "Flush",
        FlushAsyncId => "FlushAsync",
        SeekId => "Seek",
        LengthId => "get_Length",
        SetLengthId => "SetLength",
        DisposeId => "Dispose",
        DisposeAsyncId => "DisposeAsync",
        _ => null,
    };

    public override void Dispatch(IByteStream target, ref IncomingCall call)
    {
        Stream stream = target.Stream;
        switch (call.MethodId)
        {
            case ReadId:
                Read(stream, ref call);
                return;
            case ReadAsyncId:
                int maxCount = call.Read<int, Int32Codec>();
                call.EndArguments();
                call.Answer<RentedBytes, RentedBytesCodec>(ReadAsync(stream, maxCount, call.CancellationToken));
                return;
            case WriteId:
                ReadOnlySpan<byte> bytes = call.ReadBytes();
                call.EndArguments();
                stream.Write(bytes);
                call.BeginResults(0);
                return;
            case WriteAsyncId:
                RentedBytes rented = call.Read<RentedBytes, RentedBytesCodec>();
                call.EndArguments();
                call.Answer(WriteAsync(stream, rented, call.CancellationToken));
                return;
            case FlushId:
                call.EndArguments();
                stream.Flush();
                call.BeginResults(0);
                return;
            case FlushAsyncId:
                call.EndArguments();
                call.Answer(stream.FlushAsync(call.CancellationToken));
                return;
            case SeekId or LengthId or SetLengthId:
                DispatchPosition(stream, ref call);
                return;
            case DisposeId:
                call.EndArguments();
                stream.Dispose();
                call.BeginResults(0);
                return;
            case DisposeAsyncId:
                call.EndArguments();
                call.Answer(stream.DisposeAsync());
                return;
            default:
                call.MethodMissing();
                return;
        }
    }

    private static void DispatchPosition(Stream stream, ref IncomingCall call)
    {
        long position = 0;
        switch (call.MethodId)
        {
            case SeekId:
                long offset = call.Read<long, Int64Codec>();
                SeekOrigin origin = call.Read<SeekOrigin, EnumCodec<SeekOrigin>>();
                call.EndArguments();
                position = stream.Seek(offset, origin);
                break;
            case LengthId:
                call.EndArguments();
                position = stream.Length;
                break;
            default:
                long length = call.Read<long, Int64Codec>();
                call.EndArguments();
                stream.SetLength(length);
                break;
        }

        call.BeginResults(1);
        call.Write<long, Int64Codec>(position);
    }

    private static void Read(Stream stream, ref IncomingCall call)
    {
        int maxCount = call.Read<int, Int32Codec>();
        call.EndArguments();
        byte[] array = RentedBytes.Rent(maxCount);
        int count = stream.Read(array.AsSpan(0, Limit(array, maxCount)));
        call.BeginResults(1);
        call.Write<RentedBytes, RentedBytesCodec>(new RentedBytes(array, count));
    }

    private static async Task<RentedBytes> ReadAsync(Stream stream, int maxCount, CancellationToken cancellationToken)
    {
        byte[] array = RentedBytes.Rent(maxCount);
        int count =
            await stream.ReadAsync(array.AsMemory(0, Limit(array, maxCount)), cancellationToken).ConfigureAwait(true);
        return new RentedBytes(array, count);
    }

    /// <summary>A pool may return a longer array than requested; the stream sees only the requested length.</summary>
    private static int Limit(byte[] array, int maxCount)
        => Math.Clamp(maxCount, 0, Math.Min(array.Length, RentedBytes.MaxCount));

    private static async Task WriteAsync(Stream stream, RentedBytes bytes, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes.Memory, cancellationToken).ConfigureAwait(true);
        bytes.Return();
    }
}
