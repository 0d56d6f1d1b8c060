using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Multiprocess.Transports;
using Nerdbank.Streams;

namespace Multiprocess.Tests.Transports;

/// <summary>
/// The moment between the completion of a pipe's operation and the call of its continuation. A result taken in it
/// makes a pooled operation start anew under the thread that completes it, and that ends the process.
/// </summary>
[TestFixture]
internal sealed class DuplexPipeContinuationTests
{
    [Test]
    public void A_read_is_taken_only_after_its_continuation_was_called()
    {
        HeldReader reader = new();
        using DuplexPipeTransport transport = Over(reader, new Pipe().Writer);
        Assert.That(transport.TryReceive(new byte[4]), Is.EqualTo(Transport.WouldBlock));

        reader.Operation.CompleteWithoutContinuation(
            new ReadResult(new ReadOnlySequence<byte>([1, 2]), isCanceled: false, isCompleted: false));
        Assert.That(transport.TryReceive(new byte[4]), Is.EqualTo(Transport.WouldBlock));
        Assert.That(transport.WaitToReceive(0), Is.False);
        Assert.That(reader.Operation.ResultsTaken, Is.Zero);

        reader.Operation.CallContinuation();
        Assert.That(transport.WaitToReceive(0), Is.True);
        Assert.That(transport.TryReceive(new byte[4]), Is.EqualTo(2));
        Assert.That(reader.Operation.ResultsTaken, Is.EqualTo(1));
    }

    [Test]
    public void A_flush_is_taken_only_after_its_continuation_was_called()
    {
        HeldWriter writer = new();
        using DuplexPipeTransport transport = Over(new Pipe().Reader, writer);
        Assert.That(transport.TrySend([1], default), Is.EqualTo(1));

        writer.Operation.CompleteWithoutContinuation(new FlushResult(isCanceled: false, isCompleted: false));
        Assert.That(transport.TrySend([2], default), Is.EqualTo(Transport.WouldBlock));
        Assert.That(transport.WaitToSend(0), Is.False);
        Assert.That(writer.Operation.ResultsTaken, Is.Zero);

        writer.Operation.CallContinuation();
        Assert.That(transport.WaitToSend(0), Is.True);
        Assert.That(transport.TrySend([2], default), Is.EqualTo(1));
        Assert.That(
            writer.Operation.ResultsTaken, Is.EqualTo(2), "That one, and the next, which had ended when it began.");
    }

    [Test]
    public void Closing_completes_the_reader_only_when_its_read_has_ended()
    {
        HeldReader reader = new();
        DuplexPipeTransport transport = Over(reader, new Pipe().Writer);
        Assert.That(transport.TryReceive(new byte[4]), Is.EqualTo(Transport.WouldBlock));

        transport.Close();
        Assert.That(reader.Cancelled, Is.True);
        Assert.That(reader.Completed, Is.False, "The memory is still being read into.");

        reader.Operation.CompleteWithoutContinuation(new ReadResult(default, isCanceled: true, isCompleted: false));
        reader.Operation.CallContinuation();
        Assert.That(reader.Completed, Is.True);
    }

    [Test]
    public void Closing_completes_the_writer_only_when_its_flush_has_ended()
    {
        HeldWriter writer = new();
        DuplexPipeTransport transport = Over(new Pipe().Reader, writer);
        Assert.That(transport.TrySend([1], default), Is.EqualTo(1));

        transport.Close();
        Assert.That(writer.Completed, Is.False);

        writer.Operation.CompleteWithoutContinuation(new FlushResult(isCanceled: false, isCompleted: false));
        writer.Operation.CallContinuation();
        Assert.That(writer.Completed, Is.True);
    }

    private static DuplexPipeTransport Over(PipeReader reader, PipeWriter writer) =>
        new(new DuplexPipe(reader, writer), PeerCredentials.Unknown, "held");

    /// <summary>
    /// An operation that can be complete before its continuation is called, as a pooled one is for a moment.
    /// </summary>
    private sealed class HeldOperation<T> : IValueTaskSource<T>
    {
        private T? _result;
        private bool _completed;
        private Action<object?>? _continuation;
        private object? _state;

        public int ResultsTaken { get; private set; }

        public void CompleteWithoutContinuation(T result)
        {
            _result = result;
            _completed = true;
        }

        public void CallContinuation() => _continuation!(_state);

        public T GetResult(short token)
        {
            ResultsTaken++;
            return _result!;
        }

        public ValueTaskSourceStatus GetStatus(short token)
            => _completed ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

        public void OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            (_continuation, _state) = (continuation, state);
    }

    private sealed class HeldReader : PipeReader
    {
        public HeldOperation<ReadResult> Operation { get; } = new();

        public bool Cancelled { get; private set; }

        public bool Completed { get; private set; }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return false;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
            => new(Operation, 0);

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void CancelPendingRead() => Cancelled = true;

        public override void Complete(Exception? exception = null) => Completed = true;
    }

    private sealed class HeldWriter : PipeWriter
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();

        public HeldOperation<FlushResult> Operation { get; } = new();

        public bool Completed { get; private set; }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
            => new(Operation, 0);

        public override void Advance(int bytes) => _buffer.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null) => Completed = true;
    }
}
