using System.Net.Sockets;

namespace Multiprocess.Stress.Siege;

/// <summary>The stream of a peer that at some time receives nothing more, or sends nothing more.</summary>
internal sealed class DeafStream : Stream
{
    private readonly NetworkStream _inner;
    private readonly CancellationTokenSource _closed = new();
    private volatile bool _isDeaf;
    private long _maySend = long.MaxValue;

    public DeafStream(IpcAddress address)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(address.ToString()["unix:".Length..]));
        _inner = new NetworkStream(socket, ownsSocket: true);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Nothing is received from now on.</summary>
    public void BeDeaf() => _isDeaf = true;

    /// <summary>Nothing is sent any more after so many bytes.</summary>
    public void FallSilentAfter(long bytes) => _maySend = bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = _isDeaf ? 0 : await _inner.ReadAsync(buffer, cancellationToken);
        if (_isDeaf)
        {
            await Task.Delay(Timeout.Infinite, _closed.Token);
        }

        return read;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int bytes = (int)Math.Min(buffer.Length, _maySend);
        await _inner.WriteAsync(buffer[..bytes], cancellationToken);
        _maySend -= bytes;
        if (bytes < buffer.Length)
        {
            await Task.Delay(Timeout.Infinite, _closed.Token);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        _closed.Cancel();
        _inner.Dispose();
        base.Dispose(disposing);
    }
}
