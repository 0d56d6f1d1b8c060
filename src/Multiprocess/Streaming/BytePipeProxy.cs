using System.IO.Pipelines;
using Multiprocess.Generated;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>The proxy of a pipe of the other side.</summary>
internal sealed class BytePipeProxy : IpcProxy, IBytePipe, IDuplexPipe
{
    private int _openEnds = 2;

    public BytePipeProxy(IpcReference reference)
        : base(reference)
    {
        Input = new RemotePipeReader(new PipeEnd(this, BytePipeStub.CompleteInputId));
        Output = new RemotePipeWriter(new PipeEnd(this, BytePipeStub.CompleteOutputId));
    }

    public IDuplexPipe Pipe => this;

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public Task<RentedBytes> ReadAsync(int maxCount, CancellationToken cancellationToken)
    {
        var call = StartAsyncCall(BytePipeStub.ReadId, argumentCount: 1, cancellationToken, Timeout.Infinite);
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

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var call = StartAsyncCall(BytePipeStub.WriteId, argumentCount: 1, cancellationToken, Timeout.Infinite);
        try
        {
            call.WriteBytes(bytes.Span);
            return call.SendAsync<bool, BooleanCodec>();
        }
        finally
        {
            call.Dispose();
        }
    }

    /// <summary>
    /// Completes one direction without waiting. When both directions are complete, releases the reference.
    /// </summary>
    /// <param name="methodId">The method that completes the direction.</param>
    /// <param name="exception">The exception with which the user completed this end, or null.</param>
    public void CompleteEnd(uint methodId, Exception? exception)
    {
        try
        {
            var call = StartOneWayCall(methodId, argumentCount: 1);
            try
            {
                call.WriteFault(exception);
                call.SendOneWay();
            }
            finally
            {
                call.Dispose();
            }
        }
        catch (IpcException)
        {
            // The connection is gone, and the other side has completed the pipe itself.
        }

        if (Interlocked.Decrement(ref _openEnds) == 0)
        {
            ReleaseReference();
        }
    }

    public void Dispose()
    {
        Input.Complete();
        Output.Complete();
    }
}
