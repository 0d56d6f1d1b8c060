using Multiprocess.Native;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports.Rings;

/// <summary>
/// A Unix socket whose stream can move into shared memory and back, each direction by itself, and whose bytes can
/// bring descriptors. Linux only.
/// </summary>
/// <remarks>
/// A direction is on the socket or in its ring, and moves at a position of its stream that the sender has announced
/// there (<see cref="SendingDirection"/>, <see cref="ReceivingDirection"/>). A direction that is in its ring leaves
/// only doorbells on the socket, each an empty frame. Whoever waits, waits in the socket (<see cref="RingWaiters"/>,
/// <see cref="RoomWait"/>).
/// </remarks>
internal sealed class RingTransport : Transport
{
    private readonly RingSocket _socket;
    private readonly SendingDirection _sending;
    private readonly ReceivingDirection _receiving;
    private readonly bool _isClient;

    /// <param name="socket">The socket, which this transport then owns.</param>
    /// <param name="isClient">Whether this side writes the first ring.</param>
    public RingTransport(UnixSocketTransport socket, bool isClient)
    {
        _socket = new RingSocket(socket);
        _sending = new SendingDirection(_socket, isClient);
        _receiving = new ReceivingDirection(_socket);
        _isClient = isClient;
    }

    /// <summary>Makes a transport able to move and to pass descriptors, if it is one that can.</summary>
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
    /// How often the socket was used while a direction was in its ring: each time is a system call or more.
    /// </summary>
    public long SocketUses => _socket.Uses;

    /// <summary>Number of bytes sent, doorbells not counted. Sending thread only.</summary>
    public long SentBytes => _sending.Bytes;

    /// <summary>
    /// Adds a change of the sending direction. Called in the order of the positions, each before its bytes are sent.
    /// </summary>
    public void Mark(SendingMark mark) => _sending.Mark(mark);

    /// <summary>The next descriptors are those of the memory. Called by the receiving thread.</summary>
    public void ExpectMemory() => _receiving.ExpectMemory();

    /// <summary>No memory is expected any more.</summary>
    public void ForgetMemory() => _receiving.ForgetMemory();

    public override void PassDescriptors(long position, NativeHandle[] descriptors)
        => Mark(new SendingMark(SendingChange.PassDescriptors, position, Descriptors: descriptors));

    public override void ExpectDescriptors() => _receiving.ExpectDescriptors();

    public override PassedDescriptors? TakeDescriptors() => _receiving.Take();

    /// <summary>The rest of the received stream is in the ring. Called by the receiving thread.</summary>
    /// <param name="memory">The memory; its receiving share is then this transport's.</param>
    /// <param name="behind">What was received behind the announcement: only doorbells.</param>
    /// <exception cref="IpcProtocolException">There is more than doorbells.</exception>
    public void ReceiveFromRing(RingMemory memory, ReadOnlySpan<byte> behind)
        => _receiving.MoveToRing(new RingReader(memory, isFirst: !_isClient), behind);

    /// <summary>The rest of the received stream is on the socket again. Called by the receiving thread.</summary>
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
