using System.Buffers.Binary;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Framing;

public sealed class FrameReaderTests
{
    private const byte Mark = 0x5e;

    [Test]
    public void Frames_come_out_whole_however_they_arrive([Values(1, 3, 100, 4095, 4096, 4097, 70_000)] int atOnce)
    {
        int[] lengths =
            [
                0,
                1,
                2,
                60,
                4_091,
                4_092,
                4_093,
                5_000,
                16_384,
                16_385,
                3,
                65_531,
                65_536,
                200_000,
                7,
                16_000,
                16_000,
                16_000,
                16_000,
                16_000,
                9,
            ];
        byte[] stream = [.. lengths.SelectMany(Frame)];

        (FrameReader reader, List<Message> messages) = Read(stream, atOnce);

        Assert.That(messages.Select(message => message.Length), Is.EqualTo(lengths));
        Assert.That(
            messages.All(message => message.Contents.IndexOfAnyExcept(Mark) < 0),
            Is.True,
            "their bytes are those that were sent");
        Assert.That(reader.Bytes, Is.EqualTo(stream.Length));
        Assert.That(reader.Frames, Is.EqualTo(lengths.Length));
        Assert.That(reader.IsInsideFrame, Is.False);
    }

    [Test]
    public void No_copy_of_what_was_read_is_left_in_the_buffer([Values(1, 3, 100, 4096, 70_000)] int atOnce)
    {
        byte[] stream = [.. new[] { 100, 3_000, 5_000, 16_000, 16_000, 16_000, 16_000, 20_000, 10 }.SelectMany(Frame)];

        (FrameReader reader, _) = Read(stream, atOnce);

        Assert.That(reader.Buffer.Contains(Mark), Is.False);
    }

    [Test]
    public void The_buffer_stays_small_until_one_receive_fills_it()
    {
        byte[] stream = [.. Enumerable.Repeat(1000, 100).SelectMany(Frame)];

        (FrameReader calm, _) = Read(stream, atOnce: 2000);
        (FrameReader busy, List<Message> messages) = Read(stream, atOnce: int.MaxValue);

        Assert.That(calm.Buffer.Length, Is.EqualTo(4 * 1024));
        Assert.That(busy.Buffer.Length, Is.EqualTo(64 * 1024));
        Assert.That(messages, Has.Count.EqualTo(100));
    }

    private static byte[] Frame(int length)
    {
        byte[] frame = new byte[sizeof(int) + length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        frame.AsSpan(sizeof(int)).Fill(Mark);
        return frame;
    }

    private static (FrameReader Reader, List<Message> Messages) Read(byte[] stream, int atOnce)
    {
        using var transport = new BytesTransport(stream, atOnce);
        var reader = new FrameReader(transport, MessagePackProtocol.Instance, new MessagePool())
        {
            MaxFrameBytes = 1024 * 1024,
        };
        List<Message> messages = [];
        while (reader.Fill() > 0)
        {
            while (reader.TryRead(out Message? message))
            {
                messages.Add(message);
            }
        }

        return (reader, messages);
    }

    /// <summary>Gives so many bytes at once, at most, until there are no more.</summary>
    private sealed class BytesTransport(byte[] bytes, int atOnce) : Transport
    {
        private int _position;

        public override string Description => "bytes";

        public override IpcPeer Peer => PeerCredentials.Unknown;

        public override int TryReceive(Span<byte> buffer) => Receive(buffer);

        public override int Receive(Span<byte> buffer)
        {
            int given = Math.Min(Math.Min(buffer.Length, atOnce), bytes.Length - _position);
            bytes.AsSpan(_position, given).CopyTo(buffer);
            _position += given;
            return given;
        }

        public override bool WaitToReceive(int milliseconds) => true;

        public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
            => throw new IOException("It only gives.");

        public override bool WaitToSend(int milliseconds) => true;

        public override void Close()
        {
        }

        public override void Dispose()
        {
        }
    }
}
