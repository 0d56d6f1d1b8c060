using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>One end of a byte stream to a peer. A transport does not know about frames.</summary>
/// <remarks>
/// Callers guarantee: only one thread at a time receives or waits to receive; only one thread at a time sends.
/// Receiving and sending may overlap, and <see cref="Close"/> may be called at any time from any thread. After either
/// end has closed, a transport reports the end of the stream on receiving and throws <see cref="IOException"/> on
/// sending.
/// </remarks>
internal abstract class Transport : IDisposable
{
    /// <summary>The kind of connection, for logs: an address or a kind of pair.</summary>
    public abstract string Description { get; }

    /// <summary>The process at the other end.</summary>
    public abstract IpcPeer Peer { get; }

    /// <summary>
    /// True when <see cref="WaitToReceive"/> may be called while another thread receives: the waiting threads can then
    /// take turns reading.
    /// </summary>
    public virtual bool CanWaitBesideReceiver => false;

    /// <summary>
    /// True while <see cref="SpinToReceive"/> can find bytes, without a system call. Receiving thread only.
    /// </summary>
    public virtual bool CanSpin => false;

    /// <summary>
    /// Number of bytes that can be received but that a thread in <see cref="WaitToReceive"/> does not see. The
    /// receiving thread must take them before it stops receiving.
    /// </summary>
    public virtual int Unseen => 0;

    /// <summary>Whether open descriptors of this process can be passed to the peer.</summary>
    public virtual bool PassesDescriptors => false;

    /// <summary>
    /// Passes descriptors with the byte at a position of the stream of all sent bytes. Must be called in the order of
    /// the positions, and before the bytes at that position are sent. Any thread.
    /// </summary>
    /// <param name="position">The number of bytes that are sent before.</param>
    /// <param name="descriptors">The descriptors, at most 253. The transport takes ownership of them.</param>
    public virtual void PassDescriptors(long position, NativeHandle[] descriptors)
        => throw new NotSupportedException($"{Description} passes no descriptors.");

    /// <summary>
    /// Prepares for receiving descriptors. Called before the peer may send any; without this call, the kernel closes
    /// descriptors on arrival.
    /// </summary>
    public virtual void ExpectDescriptors()
    {
    }

    /// <summary>
    /// Returns the descriptors that arrived with a byte that was already received; null when there are none. Each call
    /// returns those of one such byte, in order. Receiving thread only; does not wait.
    /// </summary>
    public virtual PassedDescriptors? TakeDescriptors() => null;

    /// <summary>Whether the peer may be on another machine.</summary>
    public virtual bool IsRemote => false;

    /// <summary>
    /// The reason why the peer is refused; null when it is not. A transport with a reason receives nothing, and sends
    /// only the reason.
    /// </summary>
    public virtual string? Refusal => null;

    /// <summary>Receives available bytes without waiting.</summary>
    /// <returns>
    /// The number of bytes; 0 at the end of the stream; <see cref="WouldBlock"/> when nothing is available.
    /// </returns>
    public abstract int TryReceive(Span<byte> buffer);

    /// <summary>
    /// Whether received bytes can be looked at without taking them, and the connection can be handed over.
    /// </summary>
    public virtual bool CanPeek => false;

    /// <summary>
    /// As <see cref="TryReceive"/>, but the bytes can be received again. Only if <see cref="CanPeek"/>.
    /// </summary>
    public virtual int TryPeek(Span<byte> buffer)
        => throw new NotSupportedException($"{Description} cannot be peeked.");

    /// <summary>
    /// Hands the connection over. Nothing else of the transport may be used afterwards. Only if <see cref="CanPeek"/>,
    /// and only while no other thread uses the transport.
    /// </summary>
    public virtual Stream HandOver() => throw new NotSupportedException($"{Description} cannot be handed over.");

    /// <summary>Looks for bytes a number of times, without a system call, and receives them.</summary>
    /// <returns>As <see cref="TryReceive"/>.</returns>
    public virtual int SpinToReceive(Span<byte> buffer, int spins) => WouldBlock;

    /// <summary>Receives at least one byte; waits without a limit.</summary>
    /// <returns>The number of bytes; 0 at the end of the stream.</returns>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Waits until bytes can be received or the end of the stream is reached.</summary>
    /// <param name="milliseconds">How long to wait, in milliseconds; -1 for ever.</param>
    /// <returns>False when the time ran out.</returns>
    public abstract bool WaitToReceive(int milliseconds);

    /// <summary>Sends as many bytes as possible without waiting, from two pieces as if they were one.</summary>
    /// <returns>The number of bytes sent; <see cref="WouldBlock"/> when none can be sent now.</returns>
    public abstract int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);

    /// <summary>
    /// Marks the bytes sent from now on as possibly secret: no copy of them may remain. Any thread, before the bytes
    /// are sent.
    /// </summary>
    public virtual void MarkSensitive()
    {
    }

    /// <summary>Waits until bytes can be sent or the transport is closed.</summary>
    /// <param name="milliseconds">How long to wait, in milliseconds; -1 for ever.</param>
    /// <returns>False when the time ran out.</returns>
    public abstract bool WaitToSend(int milliseconds);

    /// <summary>
    /// Ends the stream in both directions and wakes all waiting threads. Can be called more than once.
    /// </summary>
    public abstract void Close();

    /// <summary>
    /// Whether the peer has closed its end; null when this cannot be detected without receiving. Bytes that the peer
    /// sent before can still be received.
    /// </summary>
    public virtual bool? PeerHasClosed => null;

    /// <summary>Closes, and frees the handle once no thread waits on it.</summary>
    public abstract void Dispose();

    /// <summary>Returned when nothing can be received or sent without waiting.</summary>
    public const int WouldBlock = -1;
}
