using System.Buffers.Binary;
using Multiprocess.Buffers;
using Multiprocess.Protocols;

namespace Multiprocess.Messages;

/// <summary>This library's own protocol: messages in MessagePack. PROTOCOL.md specifies the bytes.</summary>
internal sealed class MessagePackProtocol : WireProtocol
{
    private MessagePackProtocol()
    {
    }

    private delegate void WriteMessage<TState>(ref MessagePackWriter writer, TState state);

    public static MessagePackProtocol Instance { get; } = new();

    public override int Version => HelloMessage.CurrentVersion;

    public override int MaxHandshakeBytes => HelloMessage.MaxHandshakeBytes;

    public override int MaxPrefixBytes => MessageFormat.LengthPrefix;

    public override bool TryMeasure(ReadOnlySpan<byte> received, out int prefix, out uint length)
    {
        prefix = MessageFormat.LengthPrefix;
        return BinaryPrimitives.TryReadUInt32LittleEndian(received, out length);
    }

    public override int Count(ReadOnlySpan<byte> frames) => MessageFormat.Count(frames);

    public override void ReadHeader(Message message) => message.Parse();

    public override void WriteHello(PooledBufferWriter output, Hello hello)
        => Write(output, hello, static (ref writer, hello) => hello.Write(ref writer));

    public override Hello ReadHello(Message message) => HelloMessage.Read(message);

    public override void WriteGoodbye(PooledBufferWriter output, IpcErrorKind kind, string reason)
        => Write(
            output,
            (kind, reason),
            static (ref writer, state)
                => GoodbyeMessage.Write(ref writer, state.kind, GoodbyeMessage.Cut(state.reason)));

    public override IpcException ReadGoodbye(Message message) => GoodbyeMessage.Read(message);

    public override void WriteCancel(PooledBufferWriter output, long thread, long request)
        => Write(
            output,
            (thread, request),
            static (ref writer, state) => CancelMessage.Write(ref writer, state.thread, state.request));

    public override void ReadCancel(Message message) => message.CheckEnd();

    public override void WriteRelease(PooledBufferWriter output, long handle, long count)
        => Write(
            output,
            (handle, count),
            static (ref writer, state) => ReleaseMessage.Write(ref writer, state.handle, state.count));

    public override void ReadRelease(Message message, out long handle, out long count)
        => ReleaseMessage.Read(message, out handle, out count);

    public override string ReadThreadStarted(Message message) => ThreadStartedMessage.ReadName(message);

    public override void WriteThreadEnded(PooledBufferWriter output, long thread)
        => Write(output, thread, static (ref writer, thread) => ThreadEndedMessage.Write(ref writer, thread));

    public override void ReadThreadEnded(Message message) => message.CheckEnd();

    public override void WriteShape(PooledBufferWriter output, string contract, uint method, string shape)
        => Write(
            output,
            (contract, method, shape),
            static (ref writer, state) => ShapeMessage.Write(ref writer, state.contract, state.method, state.shape));

    public override void ReadShape(Message message, out string contract, out uint method, out string shape)
        => ShapeMessage.Read(message, out contract, out method, out shape);

    public override bool HasMemory => true;

    public override void WriteMemory(PooledBufferWriter output, MemoryStep step, int ringBytes)
        => Write(
            output,
            (step, ringBytes),
            static (ref writer, state) => MemoryMessage.Write(ref writer, state.step, state.ringBytes));

    public override MemoryStep ReadMemory(Message message, out int ringBytes)
        => MemoryMessage.Read(message, out ringBytes);

    public override int ReadDescriptors(Message message) => DescriptorsMessage.Read(message);

    public override void ForEachReference(ReadOnlyMemory<byte> body, Action<long> found)
        => ReferenceFormat.ForEach(body, found);

    private static void Write<TState>(PooledBufferWriter output, TState state, WriteMessage<TState> write)
    {
        int start = output.WrittenCount;
        var writer = new MessagePackWriter(output);
        write(ref writer, state);
        writer.Flush();
        MessageFormat.End(output.Written[start..]);
    }
}
