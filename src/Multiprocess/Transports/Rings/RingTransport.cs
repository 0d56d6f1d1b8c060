using Multiprocess.Native;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports.Rings;

/// <summary>
/// A Unix socket whose stream can move into shared memory and back, each direction on its own. Its bytes can carry
/// descriptors. Linux only.
/// </summary>
/// <remarks>
/// A direction is on the socket or in its ring. It moves at a position of its stream that the sender has announced in
/// that stream (<see cref="SendingDirection"/>, <see cref="ReceivingDirection"/>). While a direction is in its ring, it
/// sends only doorbells over the socket; each is an empty frame. Threads always wait in the socket
/// (<see cref="RingWaiters"/>, <see cref="RoomWait"/>).
/// </remarks>
internal sealed class RingTransport : Transport
{
    private readonly RingSocket _socket;
    private readonly SendingDirection _sending;
    private readonly ReceivingDirection _receiving;
    private readonly bool _isClient;

    /// <param name="socket">The socket. This transport takes ownership of it.</param>
    /// <param name="isClient">Whether this side writes the first ring.</param>
    public RingTransport(UnixSocketTransport socket, bool isClient)
    {
        _socket = new RingSocket(socket);
        _sending = new SendingDirection(_socket, isClient);
        _receiving = new ReceivingDirection(_socket);
        _isClient = isClient;
    }

    /// <summary>
    /// Wraps a transport so that it can move and pass descriptors. Returns other transports unchanged.
    /// </summary>
    public static Transport Over(Transport transport, bool isClient)
        => transport is UnixSocketTransport socket ? new RingTransport(socket, isClient) : transport;

    public override string Description => _socket.Stream.Description;

    public override IpcPeer Peer => _socket.Stream.Peer;

    public override bool CanWaitBesideReceiver => true;

    public override bool? PeerHasClosed => _socket.Stream.PeerHasClosed;

    public override bool CanSpin => _receiving.IsInRing;

    public override int Unseen => _receiving.Unseen;

    public override bool PassesDescriptors => true;

    /// <summary>
    /// How often the socket was used while a direction was in its ring. Each use costs at least one system call.
    /// </summary>
    public long SocketUses => _socket.Uses;

    /// <summary>Number of bytes sent, without doorbells. Sending thread only.</summary>
    public long SentBytes => _sending.Bytes;

    /// <summary>
    /// Adds a change of the sending direction. Must be called in the order of the positions, and before the bytes at
    /// that position are sent.
    /// </summary>
    public void Mark(SendingMark mark) => _sending.Mark(mark);

    /// <summary>Expects that the next descriptors are those of the shared memory. Receiving thread only.</summary>
    public void ExpectMemory() => _receiving.ExpectMemory();

    /// <summary>Stops expecting the descriptor of shared memory.</summary>
    public void ForgetMemory() => _receiving.ForgetMemory();

    public override void PassDescriptors(long position, NativeHandle[] descriptors)
        => Mark(new SendingMark(SendingChange.PassDescriptors, position, Descriptors: descriptors));

    public override void ExpectDescriptors() => _receiving.ExpectDescriptors();

    public override PassedDescriptors? TakeDescriptors() => _receiving.Take();

    /// <summary>Receives the rest of the stream from the ring. Receiving thread only.</summary>
    /// <param name="memory">The memory. This transport takes over its receiving share.</param>
    /// <param name="behind">The bytes received after the announcement; only doorbells are allowed.</param>
    /// <exception cref="IpcProtocolException">There is more than doorbells.</exception>
    public void ReceiveFromRing(RingMemory memory, ReadOnlySpan<byte> behind)
        => _receiving.MoveToRing(new RingReader(memory, isFirst: !_isClient), behind);

    /// <summary>Receives the rest of the stream from the socket again. Receiving thread only.</summary>
    public void ReceiveFromSocket() => _receiving.MoveToSocket();

    public override int TryReceive(Span<byte> buffer) => _receiving.Receive(buffer, mayBlock: false);

    public override int Receive(Span<byte> buffer) => _receiving.Receive(buffer, mayBlock: true);

    public override int SpinToReceive(Span<byte> buffer, int spins) => _receiving.Spin(buffer, spins);

    public override bool WaitToReceive(int milliseconds) => _receiving.Wait(milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        => _sending.TrySend(first, second);

    public override void MarkSensitive() => _sending.MarkSensitive();

    public override bool WaitToSend(int milliseconds) => _sending.Wait(milliseconds);

    public override void Close()
    {
        _socket.BeginToClose();
        _receiving.SayThatItClosed();
        _socket.Stream.Close();
    }

    public override void Dispose()
    {
        Close();
        _socket.Stream.Dispose();
        _receiving.Free();
        _sending.Free();
    }
}
