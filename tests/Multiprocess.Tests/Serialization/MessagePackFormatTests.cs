using System.Buffers;
using Multiprocess.Serialization;
using Multiprocess.Transports.Memory;

namespace Multiprocess.Tests.Serialization;

public sealed class MessagePackFormatTests
{
    private static readonly FormatRow[] s_short = [.. FormatTable.Rows.Where(row => row.Hex.Length < 2000)];

    private static IEnumerable<TestCaseData> Rows => FormatTable.Rows.Select(row => new TestCaseData(row).SetArgDisplayNames(row.Name));

    [TestCaseSource(nameof(Rows))]
    public void Value_is_written_as_its_bytes(object row)
    {
        var (_, hex, _, write, _) = (FormatRow)row;

        Assert.That(Convert.ToHexString(Bytes(write)).ToLowerInvariant(), Is.EqualTo(hex));
    }

    [TestCaseSource(nameof(Rows))]
    public void Bytes_are_read_as_their_value(object row)
    {
        var (_, hex, value, _, read) = (FormatRow)row;
        var reader = new MessagePackReader(Convert.FromHexString(hex).AsSpan());

        object? found = read(ref reader);

        Assert.That(found, Is.EqualTo(value));
        Assert.That(reader.End, Is.True);
    }

    [TestCaseSource(nameof(Rows))]
    public void Every_prefix_is_refused(object row)
    {
        var (_, hex, _, _, read) = (FormatRow)row;
        byte[] bytes = Convert.FromHexString(hex);

        // Of the long ones, the first and the last prefixes: they meet every check.
        foreach (int length in Enumerable.Range(0, bytes.Length).Where(n => n < 40 || n > bytes.Length - 40))
        {
            Assert.That(() => Read(bytes[..length], read), Throws.TypeOf<MessagePackSerializationException>());
            Assert.That(() => Skip(bytes[..length]), Throws.TypeOf<MessagePackSerializationException>());
        }
    }

    [TestCaseSource(nameof(Rows))]
    public void Value_is_skipped_whole(object row)
    {
        byte[] bytes = Convert.FromHexString(((FormatRow)row).Hex);

        Assert.That(Skip(bytes), Is.EqualTo(bytes.Length));
    }

    [Test]
    public void Value_is_written_into_spans_of_any_size()
    {
        foreach (FormatRow row in FormatTable.Rows)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new MessagePackWriter(output);
            row.Write(ref writer);
            writer.Write(7);
            row.Write(ref writer);
            writer.Flush();

            Assert.That(Convert.ToHexString(output.WrittenSpan), Is.EqualTo($"{row.Hex}07{row.Hex}").IgnoreCase, row.Name);
        }
    }

    [Test]
    public void Sequence_of_several_segments_is_read()
    {
        var first = new Segment(new byte[] { 0xa3, (byte)'a' }, 0, null);
        var last = new Segment(new byte[] { (byte)'b', (byte)'c' }, 2, first);
        var reader = new MessagePackReader(new ReadOnlySequence<byte>(first, 0, last, 2));

        Assert.That(reader.ReadString(), Is.EqualTo("abc"));
    }

    [Test]
    public void Peek_reader_does_not_move_the_reader()
    {
        var reader = new MessagePackReader(new byte[] { 1, 2 }.AsSpan());
        MessagePackReader peek = reader.CreatePeekReader();

        peek.ReadInt32();

        Assert.That(peek.Consumed, Is.EqualTo(1));
        Assert.That(reader.Consumed, Is.Zero);
    }

    [Test]
    public void Numbers_are_read_from_wider_and_narrower_forms()
    {
        Assert.That(Read(Crossing.Hex("d3 00000000000000ff"), static (ref r) => r.ReadByte()), Is.EqualTo((byte)255));
        Assert.That(Read(Crossing.Hex("ca 3fc00000"), static (ref r) => r.ReadDouble()), Is.EqualTo(1.5));
        Assert.That(Read(Crossing.Hex("cb 3fb999999999999a"), static (ref r) => r.ReadSingle()), Is.EqualTo(0.1f));
        Assert.That(Read(Crossing.Hex("cf ffffffffffffffff"), static (ref r) => r.ReadDouble()), Is.EqualTo((double)ulong.MaxValue));
        Assert.That(Read(Crossing.Hex("ff"), static (ref r) => r.ReadDouble()), Is.EqualTo(-1.0));
    }

    [Test]
    public void Random_values_are_skipped_whole()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            using var buffer = new PooledBufferWriter();
            var writer = new MessagePackWriter(buffer);
            WriteRandom(ref writer, random, 5);
            writer.Flush();

            Assert.That(Skip(buffer.WrittenSpan.ToArray()), Is.EqualTo(buffer.WrittenCount), $"Seed {seed}.");
        }
    }

    private static void WriteRandom(ref MessagePackWriter writer, Random random, int depth)
    {
        FormatRow[] rows = s_short;
        int count = random.Next(20);
        switch (random.Next(depth > 0 ? 4 : 2))
        {
            case 2:
                writer.WriteArrayHeader(count);
                for (int i = 0; i < count; i++)
                {
                    rows[random.Next(rows.Length)].Write(ref writer);
                }

                break;
            case 3:
                writer.WriteMapHeader(2);
                for (int i = 0; i < 4; i++)
                {
                    WriteRandom(ref writer, random, depth - 1);
                }

                break;
            default:
                rows[random.Next(rows.Length)].Write(ref writer);
                break;
        }
    }

    private static byte[] Bytes(WriteValue write)
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static object? Read(byte[] bytes, ReadValue read)
    {
        var reader = new MessagePackReader(bytes.AsSpan());
        return read(ref reader);
    }

    private static int Skip(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes.AsSpan());
        reader.Skip();
        return reader.Consumed;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex, Segment? previous)
        {
            Memory = memory;
            RunningIndex = runningIndex;
            previous?.Next = this;
        }
    }
}
