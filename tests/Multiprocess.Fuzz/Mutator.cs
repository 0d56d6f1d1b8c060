using System.Buffers.Binary;
using Multiprocess.Buffers;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Fuzz;

/// <summary>Changes recorded traffic at random, and makes up frames that the grammar of the protocol allows.</summary>
internal sealed class Mutator(Random random)
{
    private const int MostChanges = 6;

    private static readonly long[] s_numbers =
        [
            0,
            1,
            2,
            3,
            5,
            127,
            128,
            255,
            256,
            65_535,
            65_536,
            int.MaxValue,
            uint.MaxValue,
            long.MaxValue,
            -1,
            -2,
            -128,
            int.MinValue,
            long.MinValue,
        ];

    /// <summary>
    /// Changes a side's chunks in place, one to a few times. The Hello mostly stays correct: what is behind it is worth
    /// more.
    /// </summary>
    public void Change(List<byte[]> chunks, IReadOnlyList<byte[]> others)
    {
        for (int changes = 1 + random.Next(MostChanges); changes > 0; changes--)
        {
            int at = random.Next(chunks.Count > 1 && random.Next(20) != 0 ? 1 : 0, chunks.Count);
            switch (random.Next(13))
            {
                case 0:
                    FlipBits(chunks[at]);
                    break;
                case 1:
                    ReplaceByte(chunks[at]);
                    break;
                case 2:
                    chunks.Insert(at, chunks[random.Next(chunks.Count)]);
                    break;
                case 3:
                    chunks.RemoveAt(at);
                    break;
                case 4:
                    (chunks[at], chunks[^1]) = (chunks[^1], chunks[at]);
                    break;
                case 5:
                    chunks[at] = Cut(chunks[at]);
                    break;
                case 6:
                    chunks[at] = Reframe(Splice(chunks[at], others[random.Next(others.Count)]));
                    break;
                case 7:
                    chunks[at] = Reframe(InsertBytes(chunks[at]));
                    break;
                case 8:
                    chunks[at] = Reframe(RemoveBytes(chunks[at]));
                    break;
                case 9:
                    chunks.Insert(at, RandomBytes());
                    break;
                case 10:
                    ChangeLength(chunks[at]);
                    break;
                case 11:
                    chunks.Insert(at, others[random.Next(others.Count)]);
                    break;
                default:
                    chunks.Insert(Math.Max(at, Math.Min(1, chunks.Count)), MakeFrame());
                    break;
            }

            if (chunks.Count == 0)
            {
                chunks.Add(MakeFrame());
            }
        }
    }

    /// <summary>A frame with a header as the protocol has it, and numbers that are likely to mean something.</summary>
    public byte[] MakeFrame()
    {
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        switch (random.Next(9))
        {
            case 0 or 1 or 2:
                CallMessage.Write(
                    ref writer,
                    (MessageFlags)random.Next(random.Next(4) == 0 ? 256 : 32),
                    Number(),
                    Small(),
                    Small(),
                    Small(),
                    Method());
                WriteValue(ref writer, depth: 0);
                break;
            case 3:
                ReturnMessage.Write(ref writer, Number(), Small());
                WriteValue(ref writer, depth: 0);
                break;
            case 4:
                ErrorMessage.Write(ref writer, Number(), Small(), (IpcErrorKind)random.Next(16));
                WriteValue(ref writer, depth: 0);
                break;
            case 5:
                CancelMessage.Write(ref writer, Number(), Small());
                break;
            case 6:
                ReleaseMessage.Write(ref writer, Small(), Small());
                break;
            case 7:
                ThreadStartedMessage.Write(ref writer, Number(), "name");
                break;
            default:
                ThreadEndedMessage.Write(ref writer, Number());
                break;
        }

        writer.Flush();
        MessageFormat.End(output.Written);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Reframe(byte[] chunk)
    {
        if (chunk.Length >= sizeof(int))
        {
            BinaryPrimitives.WriteInt32LittleEndian(chunk, chunk.Length - sizeof(int));
        }

        return chunk;
    }

    private long Number()
        => random.Next(3) == 0 ? s_numbers[random.Next(s_numbers.Length)] : Small() * (random.Next(2) == 0 ? 1 : -1);

    private long Small() => random.Next(8) == 0 ? s_numbers[random.Next(s_numbers.Length)] : random.Next(12);

    private uint Method() => random.Next(2) == 0 ? (uint)random.Next(64) : (uint)random.NextInt64(uint.MaxValue);

    private void WriteValue(ref MessagePackWriter writer, int depth)
    {
        switch (random.Next(depth > 6 ? 7 : 10))
        {
            case 0:
                writer.WriteNil();
                break;
            case 1:
                writer.Write(random.Next(2) == 0);
                break;
            case 2:
                writer.Write(Number());
                break;
            case 3:
                writer.Write(random.NextDouble());
                break;
            case 4:
                writer.Write(new string('é', random.Next(20)));
                break;
            case 5:
                writer.Write(RandomBytes());
                break;
            case 6:
                writer.WriteRaw(RandomBytes());
                break;
            case 7:
                // More is announced than comes, now and then very much more.
                writer.WriteArrayHeader(random.Next(10) == 0 ? int.MaxValue : random.Next(6));
                WriteValues(ref writer, depth);
                break;
            case 8:
                writer.WriteMapHeader(random.Next(10) == 0 ? int.MaxValue : random.Next(4));
                WriteValues(ref writer, depth);
                break;
            default:
                // References are extensions.
                writer.WriteRaw(new byte[] { 0xd4, (byte)random.Next(256), (byte)random.Next(12) });
                break;
        }
    }

    private void WriteValues(ref MessagePackWriter writer, int depth)
    {
        for (int i = random.Next(6); i > 0; i--)
        {
            WriteValue(ref writer, depth + 1);
        }
    }

    private byte[] RandomBytes()
    {
        byte[] bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private void FlipBits(byte[] chunk)
    {
        for (int i = random.Next(4); i >= 0 && chunk.Length > 0; i--)
        {
            chunk[Place(chunk)] ^= (byte)(1 << random.Next(8));
        }
    }

    private void ReplaceByte(byte[] chunk)
    {
        if (chunk.Length > 0)
        {
            ReadOnlySpan<byte> telling =
                [
                    0x00,
                    0x7f,
                    0x80,
                    0x90,
                    0xc0,
                    0xc1,
                    0xc4,
                    0xc6,
                    0xc7,
                    0xca,
                    0xcf,
                    0xd3,
                    0xd9,
                    0xdb,
                    0xdd,
                    0xdf,
                    0xff,
                ];
            chunk[Place(chunk)] = telling[random.Next(telling.Length)];
        }
    }

    // The length is changed on purpose elsewhere: a wrong one hides everything behind it.
    private int Place(byte[] chunk)
        => chunk.Length > sizeof(int) ? random.Next(sizeof(int), chunk.Length) : random.Next(chunk.Length);

    private byte[] Cut(byte[] chunk) => chunk[..random.Next(chunk.Length + 1)];

    private byte[] Splice(byte[] one, byte[] other)
        => [.. one[..random.Next(one.Length + 1)], .. other[random.Next(other.Length + 1)..]];

    private byte[] InsertBytes(byte[] chunk)
    {
        int at = random.Next(chunk.Length + 1);
        return [.. chunk[..at], .. RandomBytes(), .. chunk[at..]];
    }

    private byte[] RemoveBytes(byte[] chunk)
    {
        int at = random.Next(chunk.Length + 1);
        return [.. chunk[..at], .. chunk[Math.Min(chunk.Length, at + random.Next(8))..]];
    }

    private void ChangeLength(byte[] chunk)
    {
        if (chunk.Length >= sizeof(int))
        {
            BinaryPrimitives.WriteInt32LittleEndian(
                chunk,
                random.Next(2) == 0
                    ? (int)s_numbers[random.Next(s_numbers.Length)]
                    : chunk.Length - sizeof(int) + random.Next(-3, 4));
        }
    }
}
