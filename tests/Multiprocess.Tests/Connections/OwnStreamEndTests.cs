using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

/// <summary>Streams of an application that do not do what streams should.</summary>
[CancelAfter(60_000)]
public sealed class OwnStreamEndTests
{
    [Test]
    public void A_stream_that_goes_one_way_only_is_left_to_the_caller([Values] bool canRead)
    {
        using var stream = new HardStream { MayRead = canRead, MayWrite = !canRead };

        Assert.That(
            () => IpcConnection.Connect<IStage>(stream),
            Throws.ArgumentException.With.Message.Contains(
                "Expected one that can be read and written, got one that can only be " + (canRead ? "read" : "written")));

        Assert.That(stream.Disposals, Is.Zero);
    }

    [Test]
    public void A_stream_that_takes_nothing_and_heeds_no_token_is_disposed_in_time()
    {
        using var stream = new HardStream();

        Assert.That(
            () => IpcConnection.Connect<IStage>(
                stream, new IpcConnectionOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) }),
            Throws.TypeOf<IpcTimeoutException>());

        Patience.Until(() => stream.Disposals > 0, "the stream is disposed");
    }

    [Test]
    public void A_stream_that_throws_ends_its_connection_only([Values] bool onDispose)
    {
        using var stream = new HardStream
        {
            OnUse = onDispose ? null : new NotSupportedException("of the test"),
            OnDispose = new NotSupportedException("of the test"),
        };

        Assert.That(
            () => IpcConnection.Connect<IStage>(
                stream, new IpcConnectionOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) }),
            Throws.InstanceOf<IpcException>());

        Patience.Until(() => stream.Disposals > 0, "the stream is disposed");
    }

    /// <summary>Never gives or takes a byte, whatever its token says, until it is disposed; or throws.</summary>
    private sealed class HardStream : Stream
    {
        private readonly TaskCompletionSource<int> _never = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _disposals;

        public bool MayRead { get; init; } = true;

        public bool MayWrite { get; init; } = true;

        public Exception? OnUse { get; init; }

        public Exception? OnDispose { get; init; }

        public int Disposals => Volatile.Read(ref _disposals);

        public override bool CanRead => MayRead;

        public override bool CanWrite => MayWrite;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => OnUse is null ? new ValueTask<int>(_never.Task) : throw OnUse;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            => OnUse is null ? new ValueTask(_never.Task) : throw OnUse;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            bool isFirst = Interlocked.Increment(ref _disposals) == 1;
            _never.TrySetException(new ObjectDisposedException(nameof(HardStream)));
            base.Dispose(disposing);
            if (isFirst && OnDispose is not null)
            {
                throw OnDispose;
            }
        }
    }
}
