using Multiprocess.Generated;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>The proxy of a stream of the other side; user code holds its <see cref="RemoteStream"/>.</summary>
/// <remarks>Reading and writing have no time limit: a stream may take as long as it needs, as in one process.</remarks>
internal sealed class ByteStreamProxy : IpcProxy, IByteStream
{
    private readonly RemoteStream _stream;

    public ByteStreamProxy(IpcReference reference)
        : base(reference) => _stream = new RemoteStream(this);

    public Stream Stream => _stream;

    /// <summary>Sets the abilities of the stream, which cross together with the reference.</summary>
    public RemoteStream With(StreamAbilities abilities)
    {
        _stream.Abilities = abilities;
        return _stream;
    }

    public RentedBytes Read(int maxCount)
    {
        var call = StartCall(ByteStreamStub.ReadId, argumentCount: 1, default, Timeout.Infinite);
        try
        {
            call.Write<int, Int32Codec>(maxCount);
            call.Send();
            return call.Read<RentedBytes, RentedBytesCodec>();
        }
        finally
        {
            call.Dispose();
        }
    }

    public Task<RentedBytes> ReadAsync(int maxCount, CancellationToken cancellationToken)
    {
        var call = StartAsyncCall(ByteStreamStub.ReadAsyncId, argumentCount: 1, cancellationToken, Timeout.Infinite);
        try
        {
            call.Write<int, Int32Codec>(maxCount);
            return call.SendAsync<RentedBytes, RentedBytesCodec>();
        }
        finally
        {
            call.Dispose();
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        var call = StartCall(ByteStreamStub.WriteId, argumentCount: 1, default, Timeout.Infinite);
        try
        {
            call.WriteBytes(bytes);
            call.Send();
        }
        finally
        {
            call.Dispose();
        }
    }

    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var call = StartAsyncCall(ByteStreamStub.WriteAsyncId, argumentCount: 1, cancellationToken, Timeout.Infinite);
        try
        {
            call.WriteBytes(bytes.Span);
            return call.SendAsync();
        }
        finally
        {
            call.Dispose();
        }
    }

    public void Flush()
    {
        var call = StartCall(ByteStreamStub.FlushId, argumentCount: 0, default, Timeout.Infinite);
        try
        {
            call.Send();
        }
        finally
        {
            call.Dispose();
        }
    }

    public Task FlushAsync(CancellationToken cancellationToken)
    {
        var call = StartAsyncCall(ByteStreamStub.FlushAsyncId, argumentCount: 0, cancellationToken, Timeout.Infinite);
        try
        {
            return call.SendAsync();
        }
        finally
        {
            call.Dispose();
        }
    }

    public long Seek(long offset, SeekOrigin origin)
    {
        var call = StartCall(ByteStreamStub.SeekId, argumentCount: 2);
        try
        {
            call.Write<long, Int64Codec>(offset);
            call.Write<SeekOrigin, EnumCodec<SeekOrigin>>(origin);
            call.Send();
            return call.Read<long, Int64Codec>();
        }
        finally
        {
            call.Dispose();
        }
    }

    public long GetLength()
    {
        var call = StartCall(ByteStreamStub.LengthId, argumentCount: 0);
        try
        {
            call.Send();
            return call.Read<long, Int64Codec>();
        }
        finally
        {
            call.Dispose();
        }
    }

    public void SetLength(long length)
    {
        var call = StartCall(ByteStreamStub.SetLengthId, argumentCount: 1);
        try
        {
            call.Write<long, Int64Codec>(length);
            call.Send();
        }
        finally
        {
            call.Dispose();
        }
    }

    public void Dispose() => DisposeRemote(ByteStreamStub.DisposeId);

    public ValueTask DisposeAsync() => DisposeRemoteAsync(ByteStreamStub.DisposeAsyncId);
}
