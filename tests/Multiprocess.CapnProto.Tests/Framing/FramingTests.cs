using System.Buffers;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Framing;

/// <summary>The segment table, streams of messages, and the packed form.</summary>
public sealed class FramingTests
{
    private const string Zero = "00 00 00 00 00 00 00 00";

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(100)]
    public async Task Messages_of_a_stream_are_read_one_by_one(int segments)
    {
        string[] words = [.. Enumerable.Repeat(Zero, segments)];
        byte[] frame = Words.Frame(words);
        using var stream = new SlowStream([.. frame, .. frame]);

        Assert.That(await CapnpMessage.ReadAsync(stream), Is.Not.Null);
        Assert.That(stream.Position, Is.EqualTo(frame.Length));
        Assert.That((await CapnpMessage.ReadAsync(stream))!.Arena.Count, Is.EqualTo(segments));
        Assert.That(await CapnpMessage.ReadAsync(stream), Is.Null);
    }

    [Test]
    public void Stream_that_ends_inside_of_a_message_is_refused()
    {
        byte[] frame = Words.Frame(Zero, Zero, Zero);
        for (int length = 1; length < frame.Length; length++)
        {
            using var stream = new MemoryStream(frame, 0, length);

            Assert.That(() => CapnpMessage.ReadAsync(stream), Throws.InstanceOf<IpcProtocolException>());
            Assert.That(() => CapnpMessage.Read(frame.AsMemory(0, length)), Throws.InstanceOf<IpcProtocolException>());
        }
    }

    [Test]
    public void Bytes_behind_a_message_are_refused()
        => Assert.That(() => CapnpMessage.Read(new byte[24]), Throws.InstanceOf<IpcProtocolException>());

    [Test]
    public void Large_message_comes_in_pieces()
    {
        using var builder = new CapnpMessageBuilder();
        byte[] data = new byte[300_000];
        new Random(1).NextBytes(data);
        builder.Root.WriteData(data);
        using var stream = new SlowStream(builder.ToArray());

        CapnpMessage message = CapnpMessage.ReadAsync(stream).Result!;

        Assert.That(message.Root.ReadData().SequenceEqual(data), Is.True);
    }

    [TestCase("ff ff ff ff", "Message: Expected at most 512 segments, got 4,294,967,296.")]
    [TestCase("00 02 00 00", "Message: Expected at most 512 segments, got 513.")]
    [TestCase("00 00 00 00 ff ff ff ff", "Message: Expected at most 67,108,864 bytes, got 34,359,738,360.")]
    [TestCase("00 00 00 00 01 00 80 00", "Message: Expected at most 67,108,864 bytes, got 67,108,872.")]
    [TestCase(
        "02 00 00 00 ff ff ff ff ff ff ff ff ff ff ff ff",
        "Message: Expected at most 67,108,864 bytes, got 103,079,215,080.")]
    public void Tables_over_the_limits_are_refused_before_anything_is_allocated(string start, string message)
    {
        byte[] bytes = Convert.FromHexString(start.Replace(" ", "", StringComparison.Ordinal));

        Assert.That(
            () => SegmentTable.TryRead(bytes, CapnpLimits.Default, out _),
            Throws.InstanceOf<IpcProtocolException>().With.Message.EqualTo(message));
    }

    [Test]
    public void Part_of_a_table_is_no_table([Range(0, 15)] int length)
        => Assert.That(
            SegmentTable.TryRead(Words.Frame(Zero, Zero, Zero).AsSpan(0, length), CapnpLimits.Default, out _),
            Is.False);

    [TestCase("00 00 00 00 00 00 00 00", "00 00")]
    [TestCase("00 00 0c 22 00 00 00 00", "0c 0c 22")]
    [TestCase("01 02 03 04 05 06 07 08", "ff 01 02 03 04 05 06 07 08 00")]
    [TestCase(
        "01 02 03 04 05 06 07 08 | 00 02 03 04 05 06 07 08",
        "ff 01 02 03 04 05 06 07 08 01 00 02 03 04 05 06 07 08")]
    [TestCase(
        "01 02 03 04 05 06 07 08 | 00 00 03 04 05 06 07 08",
        "ff 01 02 03 04 05 06 07 08 00 fc 03 04 05 06 07 08")]
    [TestCase("00 00 00 00 00 00 00 00 | 00 00 00 00 00 00 00 00 | 09 00 00 00 00 00 00 00", "00 01 01 09")]
    public void Words_are_packed(string words, string expected)
    {
        byte[] unpacked = Words.Parse(words);
        byte[] packed = Convert.FromHexString(expected.Replace(" ", "", StringComparison.Ordinal));
        var writer = new ArrayBufferWriter<byte>();

        Packing.Pack(unpacked, writer);
        byte[] read = new byte[unpacked.Length];
        var unpacker = new Unpacker(packed);
        unpacker.Read(read);

        Assert.That(writer.WrittenSpan.ToArray(), Is.EqualTo(packed));
        Assert.That(read, Is.EqualTo(unpacked));
        Assert.That(unpacker.IsInRun, Is.False);
        Assert.That(unpacker.Rest.IsEmpty, Is.True);
    }

    [TestCase(255)]
    [TestCase(256)]
    [TestCase(257)]
    [TestCase(1000)]
    public void Long_runs_are_packed(int words)
    {
        byte[] unpacked = new byte[words * 8 * 2];
        unpacked.AsSpan(words * 8).Fill(1);
        var writer = new ArrayBufferWriter<byte>();
        Packing.Pack(unpacked, writer);
        byte[] read = new byte[unpacked.Length];

        new Unpacker(writer.WrittenSpan).Read(read);

        Assert.That(read.AsSpan().SequenceEqual(unpacked), Is.True);
    }

    [Test]
    public void Packed_message_that_is_cut_is_refused()
    {
        using var builder = new CapnpMessageBuilder();
        builder.Root.WriteText("a text of more than one word");
        var writer = new ArrayBufferWriter<byte>();
        builder.WritePackedTo(writer);
        byte[] packed = writer.WrittenSpan.ToArray();

        for (int length = 0; length < packed.Length; length++)
        {
            Assert.That(
                () => CapnpMessage.ReadPacked(packed.AsSpan(0, length), out _),
                Throws.InstanceOf<IpcProtocolException>());
        }

        Assert.That(CapnpMessage.ReadPacked([.. packed, 1, 2], out int used).Root.ReadText(), Does.StartWith("a text"));
        Assert.That(used, Is.EqualTo(packed.Length));
    }

    [Test]
    public void Run_that_goes_beyond_the_message_is_refused()
        // The table of one segment of one word, and a run of two zero words.
        => Assert.That(
            () => CapnpMessage.ReadPacked([0x10, 0x01, 0x00, 0x01], out _), Throws.InstanceOf<IpcProtocolException>());

    [Test]
    public void Packed_message_over_the_limit_is_refused_whatever_it_unpacks_to()
        => Assert.That(
            () => CapnpMessage.ReadPacked([0xf0, 0xff, 0xff, 0xff, 0xff, 0x00, 0xff], out _),
            Throws.InstanceOf<IpcProtocolException>().With.Message.Contains("67,108,864 bytes"));

    [Test]
    public void Limits_have_ranges()
    {
        Assert.That(() => new CapnpLimits { MaxTraversalWords = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CapnpLimits { MaxNesting = 513 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CapnpLimits { MaxSegments = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new CapnpLimits { MaxMessageBytes = 4095 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(
                "Expected 4,096 to 1,073,741,824, got 4,095."));
    }

    /// <summary>Gives a few bytes for each read.</summary>
    private sealed class SlowStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + (int)(Position % 4096))], cancellationToken);
    }
}
