using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>
/// A message that is being built or sent. Its builder and the writer use it; the last user returns it.
/// </summary>
internal sealed class OutgoingMessage
{
    private const int MaxPooled = 32;

    // Under the gate.
    private static readonly Stack<OutgoingMessage> s_pool = new();

    // Under the gate.
    private int _users;

    private OutgoingMessage()
    {
    }

    public CapnpMessageBuilder Builder { get; } = new();

    /// <summary>The struct of this kind of message.</summary>
    public CapnpStructBuilder Body { get; private set; }

    public long Bytes => Builder.FrameBytes;

    /// <summary>Begins a message of a kind. Any thread.</summary>
    public static OutgoingMessage Begin(MessageKind kind, CapnpStructSize size)
    {
        OutgoingMessage? begun;
        lock (Gate.Lock)
        {
            s_pool.TryPop(out begun);
        }

        begun ??= new();
        begun._users = 1;
        CapnpStructBuilder message = begun.Builder.Root.InitStruct(RpcFormat.Message);
        message.WriteUInt16(0, (ushort)kind);
        begun.Body = message.Pointer(0).InitStruct(size);
        return begun;
    }

    /// <summary>Adds a user. Call under the gate.</summary>
    public void AddUser() => _users++;

    /// <summary>Removes a user, which must not use the message any more. Any thread.</summary>
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
                s_pool.Push(this);
                return;
            }
        }

        Builder.Dispose();
    }
}
