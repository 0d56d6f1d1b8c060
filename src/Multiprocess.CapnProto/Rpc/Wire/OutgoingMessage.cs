using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>
/// A message that is being built or sent. Its builder and the writer use it; the last user returns its memory.
/// </summary>
internal sealed class OutgoingMessage
{
    private const int MaxPooled = 32;

    // Under the gate.
    private static readonly Stack<CapnpMessageBuilder> s_pool = new();

    // Under the gate.
    private int _users = 1;

    private OutgoingMessage(CapnpMessageBuilder builder, CapnpStructBuilder body)
    {
        Builder = builder;
        Body = body;
    }

    public CapnpMessageBuilder Builder { get; }

    /// <summary>The struct of this kind of message.</summary>
    public CapnpStructBuilder Body { get; }

    public long Bytes => Builder.FrameBytes;

    /// <summary>Begins a message of a kind. Any thread.</summary>
    public static OutgoingMessage Begin(MessageKind kind, CapnpStructSize size)
    {
        CapnpMessageBuilder? builder;
        lock (Gate.Lock)
        {
            s_pool.TryPop(out builder);
        }

        builder ??= new CapnpMessageBuilder();
        CapnpStructBuilder message = builder.Root.InitStruct(RpcFormat.Message);
        message.WriteUInt16(0, (ushort)kind);
        return new(builder, message.Pointer(0).InitStruct(size));
    }

    /// <summary>Adds a user. Call under the gate.</summary>
    public void AddUser() => _users++;

    /// <summary>Removes a user. Any thread.</summary>
    public void Release()
    {
        lock (Gate.Lock)
        {
            if (--_users > 0)
            {
                return;
            }

            if (s_pool.Count < MaxPooled)
            {
                Builder.Reset();
                s_pool.Push(Builder);
                return;
            }
        }

        Builder.Dispose();
    }
}
