namespace Multiprocess.Transports;

/// <summary>One end of a byte stream to a peer. Knows nothing of frames.</summary>
/// <remarks>
/// What callers guarantee: one thread at a time receives or waits to receive; one thread at a time sends.
/// Receiving and sending may overlap, and <see cref="Close"/> may be called at any moment from any thread.
/// A transport that was closed, by either end, reports the end of the stream on receiving and throws
/// <see cref="IOException"/> on sending.
/// </remarks>
internal abstract class Transport : IDisposable
{
    /// <summary>What is connected, for logs: an address or a kind of pair.</summary>
    public abstract string Description { get; }

    /// <summary>Who is at the other end.</summary>
    public abstract IpcPeer Peer { get; }

    /// <summary>
    /// True when <see cref="WaitToReceive"/> may be called while another thread receives: then the waiting threads
    /// themselves can read in turns.
    /// </summary>
    public virtual bool CanWaitBesideReceiver => false;

    /// <summary>Whether the peer may be on another machine.</summary>
    public virtual bool IsRemote => false;

    /// <summary>Why the peer may not be served; null when it may. A transport with a reason receives nothing, and sends only so that the peer can be told.</summary>
    public virtual string? Refusal => null;

    /// <summary>Receives what is there without waiting.</summary>
    /// <returns>The number of bytes; 0 at the end of the stream; <see cref="WouldBlock"/> when nothing is there yet.</returns>
    public abstract int TryReceive(Span<byte> buffer);

    /// <summary>Receives at least one byte, waiting for it as long as it takes.</summary>
    /// <returns>The number of bytes; 0 at the end of the stream.</returns>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Waits until there is something to receive or the end of the stream was reached.</summary>
    /// <param name="milliseconds">How long to wait; -1 for ever.</param>
    /// <returns>False when the time ran out.</returns>
    public abstract bool WaitToReceive(int milliseconds);

    /// <summary>Sends what the transport takes without waiting, from two pieces as if they were one.</summary>
    /// <returns>The number of bytes taken, <see cref="WouldBlock"/> when it takes none now.</returns>
    public abstract int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);

    /// <summary>Waits until the transport takes more bytes or was closed.</summary>
    /// <param name="milliseconds">How long to wait; -1 for ever.</param>
    /// <returns>False when the time ran out.</returns>
    public abstract bool WaitToSend(int milliseconds);

    /// <summary>Ends the stream in both directions and wakes whoever waits on it. Can be called more than once.</summary>
    public abstract void Close();

    /// <summary>
    /// Whether the peer has closed its end; null where that cannot be seen without receiving. What it sent before can still
    /// be received.
    /// </summary>
    public virtual bool? PeerHasClosed => null;

    /// <summary>Closes and gives the handle back, once nobody waits on it.</summary>
    public abstract void Dispose();

    /// <summary>Nothing can be received or sent without waiting.</summary>
    public const int WouldBlock = -1;
}
