using Multiprocess.Buffers;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Tests.Serialization;

/// <summary>Large blobs that are not copied when they come last.</summary>
public sealed class InPlaceBytesTests
{
    private const int Large = 100_000;

    [Test]
    public void Large_bytes_at_the_end_stay_where_they_are()
    {
        byte[] bytes = Bytes();
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);

        var inPlace = default(InPlaceBytes);
        inPlace.Write(ref writer, buffer, bytes);
        ReadOnlySpan<byte> tail = inPlace.Take(ref writer);

        Assert.That(tail == bytes.AsSpan(), Is.True, "The tail is the array itself.");
        Assert.That(Convert.ToHexString(buffer.WrittenSpan), Is.EqualTo("C6000186A0"));
    }

    [Test]
    public void Large_bytes_before_something_else_are_copied_to_their_place()
    {
        byte[] bytes = Bytes();
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);

        var inPlace = default(InPlaceBytes);
        inPlace.Write(ref writer, buffer, bytes);
        inPlace.Write(ref writer, buffer, bytes);
        inPlace.Settle(ref writer);
        writer.Write(7);
        bool hasTail = !inPlace.Take(ref writer).IsEmpty;

        Assert.That(hasTail, Is.False);
        Assert.That(buffer.WrittenSpan.SequenceEqual(Expected(bytes)), Is.True);
    }

    [Test]
    public void Few_bytes_are_copied_at_once()
    {
        byte[] bytes = [1, 2, 3];
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);

        var inPlace = default(InPlaceBytes);
        inPlace.Write(ref writer, buffer, bytes);
        bytes[0] = 9;
        bool hasTail = !inPlace.Take(ref writer).IsEmpty;

        Assert.That(hasTail, Is.False);
        Assert.That(Convert.ToHexString(buffer.WrittenSpan), Is.EqualTo("C403010203"));
    }

    [Test]
    public void Bytes_that_are_not_copied_count_against_the_limit()
    {
        using var buffer = new PooledBufferWriter(Large);

        IpcException? thrown = Assert.Throws<IpcException>(() =>
        {
            var writer = new MessagePackWriter(buffer);
            default(InPlaceBytes).Write(ref writer, buffer, new byte[Large]);
        });

        Assert.That(thrown!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(thrown.Message, Is.EqualTo("Frame of 100,005 bytes exceeds the limit of 100,000."));
    }

    private static byte[] Bytes()
    {
        byte[] bytes = new byte[Large];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    /// <summary>What copying writes.</summary>
    private static byte[] Expected(byte[] bytes)
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        writer.Write(bytes);
        writer.Write(bytes);
        writer.Write(7);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
