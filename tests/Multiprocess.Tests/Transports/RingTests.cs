using System.Runtime.InteropServices;
using Multiprocess.Native;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;

namespace Multiprocess.Tests.Transports;

/// <summary>
/// The ring: bytes as written, whatever the sizes; and a peer that writes nonsense harms only its connection.
/// </summary>
[Platform("Linux")]
internal sealed unsafe class RingTests
{
    private const int RingBytes = RingMemory.LeastRingBytes;

    private RingMemory _ofServer = null!;
    private RingMemory _ofClient = null!;

    [SetUp]
    public void Map()
    {
        _ofServer = RingMemory.Create(RingBytes, out NativeHandle? file)!;
        using (file)
        {
            _ofClient = RingMemory.Open(file!, RingBytes)!;
        }
    }

    [TearDown]
    public void Unmap()
    {
        _ofServer.Dispose();
        _ofClient.Dispose();
    }

    [Test]
    public void Bytes_come_out_as_they_went_in_across_the_end_of_the_ring([Values] bool isFirst)
    {
        var writer = new RingWriter(isFirst ? _ofClient : _ofServer, isFirst);
        var reader = new RingReader(isFirst ? _ofServer : _ofClient, isFirst);
        var random = new Random(4711);
        Queue<byte> expected = [];
        byte[] buffer = new byte[2 * RingBytes];
        for (int round = 0; round < 5000; round++)
        {
            byte[] first = new byte[random.Next(RingBytes)];
            byte[] second = new byte[random.Next(100)];
            random.NextBytes(first);
            random.NextBytes(second);
            int room = writer.Room;

            int written = writer.Write(first, second);

            Assert.That(written, Is.EqualTo(Math.Min(room, first.Length + second.Length)));
            first.Concat(second).Take(written).ToList().ForEach(expected.Enqueue);
            Assert.That(reader.Available, Is.EqualTo(expected.Count));
            int read = reader.Read(buffer.AsSpan(0, random.Next(RingBytes)));
            IEnumerable<byte> oldest = Enumerable.Range(0, read).Select(_ => expected.Dequeue());
            Assert.That(buffer.AsSpan(0, read).ToArray(), Is.EqualTo(oldest));
        }
    }

    [Test]
    public void What_was_secret_and_read_is_no_longer_in_the_memory()
    {
        var writer = new RingWriter(_ofClient, isFirst: true);
        var reader = new RingReader(_ofServer, isFirst: true);
        writer.SayThatItIsSensitive();
        writer.Write("a secret"u8, default);

        reader.Read(new byte[100]);

        var left = new ReadOnlySpan<byte>((byte*)_ofServer.Start + RingMemory.HeaderBytes, RingBytes);
        Assert.That(left.IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [TestCase(1u)]
    [TestCase(0x8000_0000u)]
    [TestCase(uint.MaxValue - 4096)]
    public void A_position_read_that_was_not_written_is_refused(uint position)
    {
        var writer = new RingWriter(_ofClient, isFirst: true);

        Poke(RingMemory.ReadOffset, position);

        Assert.That(
            () => writer.Write([1], default),
            Throws.TypeOf<IpcProtocolException>().With.Message.Contains("Expected").IgnoreCase);
        Assert.That(() => writer.Room, Throws.TypeOf<IpcProtocolException>());
    }

    [TestCase((uint)RingBytes + 1)]
    [TestCase(0x8000_0000u)]
    [TestCase(uint.MaxValue)]
    public void More_written_than_the_ring_holds_is_refused(uint position)
    {
        var reader = new RingReader(_ofServer, isFirst: true);

        Poke(RingMemory.WrittenOffset, position);

        Assert.That(
            () => reader.Read(new byte[16]),
            Throws.TypeOf<IpcProtocolException>().With.Message.Contains("Expected").IgnoreCase);
        Assert.That(reader.HasAny, Is.True);
    }

    [Test]
    public void Own_positions_in_the_memory_are_not_believed()
    {
        var writer = new RingWriter(_ofClient, isFirst: true);
        var reader = new RingReader(_ofServer, isFirst: true);
        writer.Write([1, 2, 3], default);
        Poke(RingMemory.WrittenOffset, 0);

        writer.Write([4], default);

        byte[] read = new byte[4];
        Assert.That(reader.Read(read), Is.EqualTo(4));
        Assert.That(read, Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void A_sign_ends_one_wait()
    {
        var writer = new RingWriter(_ofClient, isFirst: true);
        var reader = new RingReader(_ofServer, isFirst: true);

        Assert.That(writer.TakeReaderWaits(), Is.False);
        reader.SayThatReaderWaits();
        Assert.That(writer.TakeReaderWaits(), Is.True);
        Assert.That(writer.TakeReaderWaits(), Is.False);
        reader.SayThatReaderWaits();
        reader.SayThatNobodyWaits();
        Assert.That(writer.TakeReaderWaits(), Is.False);
        writer.SayThatWriterWaits();
        Assert.That(reader.TakeWriterWaits(), Is.True);
    }

    [TestCase(0, true)]
    [TestCase(RingBytes, true)]
    [TestCase(0, false)]
    public void Memory_that_is_not_what_the_server_says_is_not_mapped(int more, bool seals)
    {
        using NativeHandle file = new(Create("memory", 3));
        Assert.That(Truncate(file.Descriptor, RingMemory.HeaderBytes + (2 * RingBytes) + more), Is.Zero);
        if (seals)
        {
            Assert.That(NativeFiles.Control(file.Descriptor, 1033, NativeSharedMemory.Seals), Is.Zero);
        }

        using RingMemory? opened = RingMemory.Open(file, RingBytes);

        Assert.That(opened is not null, Is.EqualTo(seals && more == 0));
    }

    [Test]
    public void A_file_is_not_mapped()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[RingMemory.HeaderBytes + (2 * RingBytes)]);
        using NativeHandle file = new(NativeFiles.Open(path, NativeFiles.ReadWrite | NativeFiles.CloseOnExec, 0));
        File.Delete(path);

        Assert.That(RingMemory.Open(file, RingBytes), Is.Null);
    }

    [Test]
    public void Only_the_smallest_descriptor_of_a_pair_crosses_and_it_is_closed_on_exec()
    {
        (RingTransport client, RingTransport server) = RingPair.OnSocket();
        using (client)
        using (server)
        {
            RingMemory memory = RingMemory.Create(RingBytes, out NativeHandle? file)!;
            using (memory)
            {
                server.PassDescriptors(position: 2, [file!]);
                client.ExpectMemory();

                Assert.That(server.TrySend([1, 2, 3, 4], default), Is.EqualTo(2), "nothing crosses the mark");
                Assert.That(server.TrySend([3, 4], default), Is.EqualTo(2));
                byte[] received = new byte[8];
                int count = client.TryReceive(received);
                while (count < 4)
                {
                    count += client.TryReceive(received.AsSpan(count));
                }

                using PassedDescriptors? passed = client.TakeDescriptors();
                NativeHandle? descriptor = passed?.Handles.Single();
                Assert.That(received[..4], Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
                Assert.That(descriptor, Is.Not.Null);
                Assert.That(Descriptors.IsClosedOnExec(descriptor!.Descriptor), Is.True);
                Assert.That(file!.IsClosed, Is.True, "the sender has closed its own");
                using RingMemory? opened = RingMemory.Open(descriptor, RingBytes);
                Assert.That(opened, Is.Not.Null);
            }
        }
    }

    /// <summary>A peer writes anything anywhere while this side reads, writes and waits.</summary>
    [Test]
    public void A_peer_that_scribbles_is_refused_or_read_and_nothing_else_happens()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 300; round++)
        {
            (RingTransport client, RingTransport server) = RingPair.OnSocket();
            using RingMemory scribbled = RingMemory.Create(RingBytes, out NativeHandle? file)!;
            RingMemory ofClient = RingMemory.Open(file!, RingBytes)!;
            file!.Dispose();
            using (client)
            using (server)
            {
                RingPair.Move(client, ofClient, server, scribbled);
                RingPair.Move(server, scribbled, client, ofClient);
                byte[] buffer = new byte[RingBytes];
                try
                {
                    for (int i = 0; i < 100; i++)
                    {
                        int at = random.Next(4) == 0
                            ? random.Next(RingMemory.HeaderBytes / 4)
                            : (random.Next(2) * 256) + (random.Next(5) * 32);
                        ((uint*)scribbled.Start)[at] = (uint)random.Next(
                            random.Next(3) == 0 ? 2 * RingBytes : int.MaxValue);
                        _ = random.Next(6) switch
                        {
                            0 => client.TryReceive(buffer.AsSpan(0, 1 + random.Next(buffer.Length - 1))),
                            1 => client.TrySend(buffer.AsSpan(0, random.Next(buffer.Length)), default),
                            2 => client.WaitToReceive(0) ? 1 : 0,
                            3 => client.WaitToSend(0) ? 1 : 0,
                            4 => client.SpinToReceive(buffer, 3),
                            _ => server.TrySend(buffer.AsSpan(0, 5), default),
                        };
                    }
                }
                catch (Exception exception) when (exception is IpcProtocolException or IOException)
                {
                    refused++;
                }
            }
        }

        Assert.That(refused, Is.Positive);
    }

    private void Poke(int offset, uint value) => *(uint*)(_ofServer.Start + offset) = value;

    [DllImport("libc", EntryPoint = "memfd_create")]
    private static extern int Create(string name, uint flags);

    [DllImport("libc", EntryPoint = "ftruncate")]
    private static extern int Truncate(int file, nint bytes);
}
