using System.Buffers;
using Multiprocess.Buffers;
using Multiprocess.Serialization;

namespace Multiprocess.Tests.Serialization;

/// <summary>Reading through the package: each form of the specification, and nothing that is incomplete.</summary>
public sealed class StrictFormatTests
{
    private static readonly FormatRow[] s_short = [.. FormatTable.Rows.Where(row => row.Hex.Length < 2000)];

    private static IEnumerable<TestCaseData> Rows
        => FormatTable.Rows.Select(row => new TestCaseData(row).SetArgDisplayNames(row.Name));

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
        var reader = new MessagePackReader(Convert.FromHexString(hex));

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
            Assert.That(() => Read(bytes[..length], read), Throws.TypeOf<IpcProtocolException>());
            Assert.That(() => Skip(bytes[..length]), Throws.TypeOf<IpcProtocolException>());
        }
    }

    [TestCaseSource(nameof(Rows))]
    public void Value_is_skipped_whole(object row)
    {
        byte[] bytes = Convert.FromHexString(((FormatRow)row).Hex);

        Assert.That(Skip(bytes), Is.EqualTo(bytes.Length));
    }

    [Test]
    public void Sequence_of_several_segments_is_read()
    {
        var first = new Segment(new byte[] { 0xa3, (byte)'a' }, 0, null);
        var last = new Segment(new byte[] { (byte)'b', (byte)'c' }, 2, first);
        var reader = new MessagePackReader(new ReadOnlySequence<byte>(first, 0, last, 2));

        Assert.That(reader.ReadStrictString(), Is.EqualTo("abc"));
    }

    [Test]
    public void Numbers_are_read_from_wider_and_narrower_forms()
    {
        Assert.That(
            Read(Crossing.Hex("d3 00000000000000ff"), static (ref r) => r.ReadStrictByte()), Is.EqualTo((byte)255));
        Assert.That(Read(Crossing.Hex("ca 3fc00000"), static (ref r) => r.ReadStrictDouble()), Is.EqualTo(1.5));
        Assert.That(
            Read(Crossing.Hex("cb 3fb999999999999a"), static (ref r) => r.ReadStrictSingle()), Is.EqualTo(0.1f));
        Assert.That(
            Read(Crossing.Hex("cf ffffffffffffffff"), static (ref r) => r.ReadStrictDouble()),
            Is.EqualTo((double)ulong.MaxValue));
        Assert.That(Read(Crossing.Hex("ff"), static (ref r) => r.ReadStrictDouble()), Is.EqualTo(-1.0));
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
        var reader = new MessagePackReader(bytes);
        return read(ref reader);
    }

    private static long Skip(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        reader.SkipStrict();
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
