using System.Numerics;
using Multiprocess.Buffers;

namespace Multiprocess.Protocols;

/// <summary>
/// One received message: its bytes and, once <see cref="WireProtocol.ReadHeader"/> has run, its header.
/// </summary>
/// <remarks>
/// Belongs to one thread at a time: first the reader that fills it, then the thread that runs it. Pooled per
/// connection.
/// </remarks>
internal class Message
{
    // Most calls fit into the first size. A frame larger than the second takes its bytes from the shared pool and
    // returns them together with the message.
    private const int SmallestBytes = 256;
    private const int KeptBytes = 4 * 1024;

    // Approximate size of a message without its bytes.
    private const int OwnBytes = 128;

    private byte[] _buffer = [];
    private bool _rented;

    /// <summary>
    /// What the message is. This and the following properties come from the header;
    /// <see cref="WireProtocol.ReadHeader"/> sets them.
    /// </summary>
    public MessageType Type { get; set; }

    public MessageFlags Flags { get; set; }

    /// <summary>
    /// The logical thread: positive when the receiver began it, negative when the sender did, 0 for none.
    /// </summary>
    public long Thread { get; set; }

    /// <summary>The request that is made, answered or cancelled.</summary>
    public long Request { get; set; }

    /// <summary>The receiver's own request in which the call is nested; 0 for none.</summary>
    public long Parent { get; set; }

    /// <summary>The handle of the called object of the receiver.</summary>
    public long Target { get; set; }

    public uint Method { get; set; }

    /// <summary>Where the body begins: number of bytes of the header.</summary>
    public int BodyStart { get; set; }

    /// <summary>Number of elements of a later version of the protocol that follow the body.</summary>
    public int ElementsBehindBody { get; set; }

    /// <summary>Bytes of memory that the message takes while unused.</summary>
    public int HeldBytes => OwnBytes + _buffer.Length;

    /// <summary>Number of bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes after the header: arguments, results, or the rest of the message.</summary>
    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(BodyStart, Length - BodyStart);

    /// <summary>All bytes, header and body. Valid only when there is room for all of them.</summary>
    public Span<byte> Contents => _buffer.AsSpan(0, Length);

    /// <summary>The part of the frame's bytes for which there is room so far.</summary>
    public Span<byte> Room => _buffer.AsSpan(0, Math.Min(Length, _buffer.Length));

    /// <summary>
    /// True when the bytes are wiped as the message is returned. False only after the message was read to its end and
    /// held no sensitive value. A message that was never read, because the call was refused or its caller has gone, may
    /// hold such a value.
    /// </summary>
    public bool IsSensitive { get; set; }

    /// <summary>
    /// Number of bytes that the message counts while it waits to run; 0 otherwise. Guarded by the gate.
    /// </summary>
    public int WaitingBytes { get; set; }

    /// <summary>The next message in the same queue.</summary>
    public Message? Next { get; set; }

    /// <summary>Makes room for a frame and returns the place for its bytes.</summary>
    public Span<byte> Prepare(int length) => Prepare(length, length);

    /// <summary>
    /// Makes room for the beginning of a frame and returns the place for its bytes. <see cref="Grow"/> makes more room.
    /// </summary>
    /// <param name="length">Length of the frame.</param>
    /// <param name="first">Number of bytes for which to make room now.</param>
    public Span<byte> Prepare(int length, int first)
    {
        first = Math.Min(first, length);
        if (first > _buffer.Length)
        {
            if (first <= KeptBytes)
            {
                // Pinned, so that the garbage collector leaves no copies of a secret behind.
                _buffer = GC.AllocateUninitializedArray<byte>(
                    Math.Max(SmallestBytes, (int)BitOperations.RoundUpToPowerOf2((uint)first)), pinned: true);
            }
            else
            {
                _buffer = FramePool.Rent(first);
                _rented = true;
            }
        }

        Length = length;
        IsSensitive = true;
        return Room;
    }

    /// <summary>Makes room for so many bytes, and wipes the old place of the first bytes.</summary>
    public void Grow(int bytes)
    {
        byte[] larger = FramePool.Rent(Math.Min(bytes, Length));
        Room.CopyTo(larger);
        Room.Clear();
        if (_rented)
        {
            FramePool.Return(_buffer);
        }

        _buffer = larger;
        _rented = true;
    }

    /// <summary>Clears the contents, so that the message can be reused.</summary>
    public virtual void Clear()
    {
        if (IsSensitive)
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(Room);
            IsSensitive = false;
        }

        if (_rented)
        {
            FramePool.Return(_buffer);
            _buffer = [];
            _rented = false;
        }

        Next = null;
        WaitingBytes = 0;
        Length = 0;
        BodyStart = 0;
    }
}
