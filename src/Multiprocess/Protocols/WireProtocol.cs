using Multiprocess.Buffers;

namespace Multiprocess.Protocols;

/// <summary>
/// The bytes of one protocol, except those of arguments and results: where a frame ends, what a header says, and the
/// messages that are not part of a call.
/// </summary>
/// <remarks>
/// The seam for a second protocol. Framing, threads, objects, connections, routing and everything above them use only
/// this class. Arguments and results are written and read by generated code, which is made for one protocol.
/// Implementations have no state and are thread-safe.
/// </remarks>
internal abstract class WireProtocol
{
    /// <summary>The version of the protocol that this side speaks.</summary>
    public abstract int Version { get; }

    /// <summary>The largest frame before both sides have said Hello, in bytes.</summary>
    public abstract int MaxHandshakeBytes { get; }

    /// <summary>Most bytes that precede a frame and are not part of its message.</summary>
    public abstract int MaxPrefixBytes { get; }

    /// <summary>Reads how long the next frame is.</summary>
    /// <param name="received">The received bytes, from the beginning of the frame.</param>
    /// <param name="prefix">Number of bytes before the message.</param>
    /// <param name="length">Number of bytes of the message. May exceed every limit.</param>
    /// <returns>False when more bytes must be received first.</returns>
    public abstract bool TryMeasure(ReadOnlySpan<byte> received, out int prefix, out uint length);

    /// <summary>
    /// Number of frames in <paramref name="frames"/>; the end of the last one may be stored elsewhere.
    /// </summary>
    public abstract int Count(ReadOnlySpan<byte> frames);

    /// <summary>Reads the header of a received message, and finds its body.</summary>
    /// <exception cref="IpcProtocolException">The frame is not a message of the protocol.</exception>
    public abstract void ReadHeader(Message message);

    /// <summary>Appends a whole frame with a Hello.</summary>
    public abstract void WriteHello(PooledBufferWriter output, Hello hello);

    /// <exception cref="IpcException">The peer speaks another version, or the message is malformed.</exception>
    public abstract Hello ReadHello(Message message);

    /// <summary>Appends a whole frame with a Goodbye. A reason that is too long is cut.</summary>
    public abstract void WriteGoodbye(PooledBufferWriter output, IpcErrorKind kind, string reason);

    /// <summary>Creates the exception for a peer that ended the connection with a reason.</summary>
    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    public abstract IpcException ReadGoodbye(Message message);

    /// <summary>Appends a whole frame with a Cancel.</summary>
    /// <param name="output">Receives the frame.</param>
    /// <param name="thread">The logical thread of the call; 0 for an asynchronous one.</param>
    /// <param name="request">The call.</param>
    public abstract void WriteCancel(PooledBufferWriter output, long thread, long request);

    /// <summary>Checks the end of a Cancel; its header says everything.</summary>
    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    public abstract void ReadCancel(Message message);

    /// <summary>Appends a whole frame with a Release.</summary>
    public abstract void WriteRelease(PooledBufferWriter output, long handle, long count);

    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    public abstract void ReadRelease(Message message, out long handle, out long count);

    /// <summary>Reads the name of a thread of the peer, which its header names.</summary>
    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    public abstract string ReadThreadStarted(Message message);

    /// <summary>Appends a whole frame with a ThreadEnded.</summary>
    public abstract void WriteThreadEnded(PooledBufferWriter output, long thread);

    /// <summary>Checks the end of a ThreadEnded; its header says everything.</summary>
    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    public abstract void ReadThreadEnded(Message message);

    /// <summary>Appends a whole frame with a Shape.</summary>
    public abstract void WriteShape(PooledBufferWriter output, string contract, uint method, string shape);

    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    public abstract void ReadShape(Message message, out string contract, out uint method, out string shape);

    /// <summary>Whether the protocol has the message by which a connection moves into shared memory.</summary>
    public virtual bool HasMemory => false;

    /// <summary>Appends a whole frame with a Memory.</summary>
    /// <exception cref="NotSupportedException">The protocol has no such message.</exception>
    public virtual void WriteMemory(PooledBufferWriter output, MemoryStep step, int ringBytes)
        => throw new NotSupportedException("The protocol has no message for shared memory.");

    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    /// <exception cref="NotSupportedException">The protocol has no such message.</exception>
    public virtual MemoryStep ReadMemory(Message message, out int ringBytes)
        => throw new NotSupportedException("The protocol has no message for shared memory.");

    /// <summary>Reads how many descriptors the next message has.</summary>
    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    /// <exception cref="NotSupportedException">The protocol has no such message.</exception>
    public virtual int ReadDescriptors(Message message)
        => throw new NotSupportedException("The protocol has no message for descriptors.");

    /// <summary>
    /// Calls <paramref name="found"/> with the handle of each object that a body names: positive for an object of the
    /// sender, negative for one of the receiver.
    /// </summary>
    /// <exception cref="IpcProtocolException">The body is malformed.</exception>
    public abstract void ForEachReference(ReadOnlyMemory<byte> body, Action<long> found);
}
