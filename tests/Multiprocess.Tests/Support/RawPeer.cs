using Multiprocess.Buffers;
using Multiprocess.Connections;
using Multiprocess.Framing;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Support;

/// <summary>Writes one message.</summary>
internal delegate void WriteMessage(ref MessagePackWriter writer);

/// <summary>A peer that sends whatever a test says, and shows what comes back.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Transport _transport;
    private readonly FrameReader _frames;

    public RawPeer(Transport transport)
    {
        _transport = transport;
        _frames = new FrameReader(transport, MessagePackProtocol.Instance, new MessagePool())
        {
            MaxFrameBytes = 64 * 1024 * 1024,
        };
    }

    public static (Transport Raw, Transport Real) MakeTransports(IpcTestTransport kind)
        => kind == IpcTestTransport.SocketPair ? TransportPair.CreateSocketPair() : InMemoryTransport.CreatePair();

    /// <summary>A peer that has said Hello to a server of <paramref name="root"/>.</summary>
    public static RawPeer Attach<T>(
        T root, IpcTestTransport kind, IpcConnectionOptions? options, out IpcConnection server) where T : class
    {
        (Transport raw, Transport real) = MakeTransports(kind);
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open(real, options ?? new IpcConnectionOptions(), _ => root));
        var peer = new RawPeer(raw);
        peer.SayHello(serves: null, wants: ContractBinding<T>.Instance);
        server = serving.Join();
        Assert.That(peer.Receive()?.Type, Is.EqualTo(MessageType.Hello));
        return peer;
    }

    /// <summary>A peer that a client takes for a server of <typeparamref name="T"/>.</summary>
    public static RawPeer Serve<T>(
        IpcTestTransport kind, out IpcConnection<T> client, ulong? fingerprint = null) where T : class
    {
        (Transport raw, Transport real) = MakeTransports(kind);
        TestThread<IpcConnection<T>> connecting = TestThread.Start(
            () => IpcConnection<T>.Open(real, new IpcConnectionOptions()));
        var peer = new RawPeer(raw);
        peer.SayHello(serves: ContractBinding<T>.Instance, wants: null, fingerprint);
        client = connecting.Join();
        Assert.That(peer.Receive()?.Type, Is.EqualTo(MessageType.Hello));
        return peer;
    }

    public void SayHello(ContractBinding? serves, ContractBinding? wants, ulong? servesFingerprint = null)
        => Send(
            new Hello(
                HelloMessage.CurrentVersion,
                1,
                serves?.Name,
                servesFingerprint ?? serves?.Fingerprint ?? 0,
                wants?.Name,
                wants?.Fingerprint ?? 0,
                64 * 1024 * 1024).Write);

    /// <summary>Sends one message, which <paramref name="write"/> begins with a length of nought.</summary>
    public void Send(WriteMessage write) => SendBytes(Frame(write));

    /// <summary>The bytes of one message.</summary>
    public static byte[] Frame(WriteMessage write)
    {
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Sends a Call with arguments as <paramref name="arguments"/> writes them, array header and all.
    /// </summary>
    public void SendCall(
        long thread,
        long request,
        long parent,
        long target,
        uint method,
        WriteMessage arguments,
        MessageFlags flags = MessageFlags.None)
        => Send((ref MessagePackWriter writer) =>
        {
            CallMessage.Write(ref writer, flags, thread, request, parent, target, method);
            arguments(ref writer);
        });

    /// <summary>Sends one frame of these bytes, with the right length.</summary>
    public void SendFrame(params byte[] contents)
        => SendBytes([.. BitConverter.GetBytes(contents.Length), .. contents]);

    /// <summary>Sends bytes as they are.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = _transport.TrySend(bytes, default);
            if (sent > 0)
            {
                bytes = bytes[sent..];
            }
            else
            {
                Assert.That(
                    _transport.WaitToSend(Patience.Milliseconds),
                    Is.True,
                    "The other side did not take what was sent in time.");
            }
        }
    }

    /// <summary>The next message, or null at the end of the stream.</summary>
    public Message? Receive()
    {
        Message? message;
        while (!_frames.TryRead(out message))
        {
            Assert.That(_transport.WaitToReceive(Patience.Milliseconds), Is.True, "Nothing came in time.");
            if (_frames.TryFill() == 0)
            {
                return null;
            }
        }

        message.Parse();
        return message;
    }

    /// <summary>Receives up to the end of the stream and returns the Goodbye that came last.</summary>
    public (IpcErrorKind Kind, string Reason) ReceiveGoodbye()
    {
        (IpcErrorKind, string) goodbye = default;
        while (Receive() is { } message)
        {
            if (message.Type == MessageType.Goodbye)
            {
                var reader = new MessagePackReader(message.Body);
                goodbye = ((IpcErrorKind)reader.ReadByte(), reader.ReadString()!);
            }
        }

        return goodbye;
    }

    public void Dispose() => _transport.Dispose();
}
