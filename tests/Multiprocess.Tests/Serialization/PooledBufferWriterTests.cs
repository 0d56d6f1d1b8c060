using Multiprocess.Buffers;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Tests.Serialization;

public sealed class PooledBufferWriterTests
{
    [Test]
    public void Growing_keeps_what_was_written()
    {
        using var buffer = new PooledBufferWriter();
        for (int i = 0; i < 100_000; i++)
        {
            buffer.GetSpan(1)[0] = (byte)i;
            buffer.Advance(1);
        }

        Assert.That(buffer.WrittenSpan.ToArray(), Is.EqualTo(Enumerable.Range(0, 100_000).Select(i => (byte)i)));
    }

    [Test]
    public void Written_bytes_can_be_patched()
    {
        using var buffer = new PooledBufferWriter();
        buffer.GetSpan(8).Clear();
        buffer.Advance(8);

        buffer.Written[0] = 42;

        Assert.That(buffer.WrittenSpan[0], Is.EqualTo(42));
    }

    [Test]
    public void More_than_the_limit_is_refused()
    {
        using var buffer = new PooledBufferWriter(10_000);

        IpcException? thrown = Assert.Throws<IpcException>(() =>
        {
            var writer = new MessagePackWriter(buffer);
            writer.Write(new byte[9_998]);
            writer.Flush();
        });

        Assert.That(thrown!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(thrown.Message, Is.EqualTo("Frame of 10,001 bytes exceeds the limit of 10,000."));
    }

    [Test]
    public void Exactly_the_limit_is_taken()
    {
        using var buffer = new PooledBufferWriter(10_000);
        var writer = new MessagePackWriter(buffer);

        writer.Write(new string('x', 4_000));
        writer.Write(new string('x', 4_000));
        writer.Write(new string('x', 1_000));
        writer.Write(new string('x', 988));
        writer.Flush();

        Assert.That(buffer.WrittenCount, Is.EqualTo(10_000));
    }

    [Test]
    public void Clearing_gives_back_a_large_array_and_keeps_a_small_one()
    {
        using var buffer = new PooledBufferWriter();
        buffer.GetSpan(1000);
        buffer.Advance(1000);
        buffer.Clear();
        int small = buffer.Capacity;
        buffer.GetSpan(1_000_000);
        buffer.Clear();

        Assert.That(small, Is.InRange(1000, 64 * 1024));
        Assert.That(buffer.Capacity, Is.Zero);
        Assert.That(buffer.WrittenCount, Is.Zero);
    }

    [Test]
    public void Truncating_takes_back_what_followed()
    {
        using var buffer = new PooledBufferWriter();
        buffer.GetSpan(3)[..3].Fill(1);
        buffer.Advance(3);

        buffer.Truncate(1);

        Assert.That(buffer.WrittenCount, Is.EqualTo(1));
    }
}
