using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>Streams of an application that throw something of their own.</summary>
public sealed class OddStreamTests
{
    [Test]
    public async Task Connection_ends_whatever_writing_throws()
    {
        var stream = new OddStream { ThrowsOnWrite = true };
        CapnpConnection connection = CapnpConnection.Attach(stream);

        using CapnpReference root = connection.Bootstrap();

        Assert.That(
            async () => await connection.Completion.WaitAsync(PeerCalls.Bound),
            Throws.TypeOf<IpcDisconnectedException>().With.InnerException.TypeOf<OddException>());
        Assert.That(
            async () => await root.WhenResolvedAsync().WaitAsync(PeerCalls.Bound),
            Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(await stream.Disposed.Task.WaitAsync(PeerCalls.Bound), Is.True);
        await connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Completion_fails_with_what_disposing_the_stream_throws()
    {
        CapnpConnection connection = CapnpConnection.Attach(new OddStream { ThrowsOnDispose = true });

        await connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);

        Assert.That(connection.Completion.Exception?.InnerException, Is.TypeOf<OddException>());
    }

    private sealed class OddException : Exception;

    private sealed class OddStream : Stream
    {
        private readonly TaskCompletionSource<int> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool ThrowsOnWrite { get; init; }

        public bool ThrowsOnDispose { get; init; }

        public TaskCompletionSource<bool> Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
            => await _read.Task.WaitAsync(cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            => ThrowsOnWrite ? throw new OddException() : ValueTask.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _read.TrySetResult(0);
            Disposed.TrySetResult(true);
            base.Dispose(disposing);
            if (ThrowsOnDispose)
            {
                throw new OddException();
            }
        }
    }
}
