using Multiprocess.Serialization;
using System.Numerics;

namespace Multiprocess.Messages;

/// <summary>One received frame: its bytes and, once <see cref="Parse"/> has run, its header.</summary>
/// <remarks>
/// Belongs to one thread at a time: first the reader that fills it, then the thread that runs it. Pooled per
/// connection.
/// </remarks>
internal sealed class Message
{
    // Most calls fit into the first size. A frame larger than the second takes its bytes from the shared pool and
    // returns them together with the message.
    private const int SmallestBytes = 256;
    private const int KeptBytes = 4 * 1024;

    // Approximate size of a message without its bytes.
    private const int OwnBytes = 128;

    private byte[] _buffer = [];
    private bool _rented;
    private int _bodyStart;
    private int _elementsBehindBody;

    /// <summary>The type, from the frame's first element.</summary>
    public MessageType Type { get; private set; }

    /// <summary>
    /// The flags. This and the following properties come from the header; the reader of each message sets them.
    /// </summary>
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

    /// <summary>Bytes of memory that the message takes while unused.</summary>
    public int HeldBytes => OwnBytes + _buffer.Length;

    /// <summary>Number of bytes of the frame, without its length prefix.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes after the header: arguments, results, or the rest of the message.</summary>
    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(_bodyStart, Length - _bodyStart);

    /// <summary>True when the header announces elements of a later version after the body.</summary>
    public bool HasMoreBehindBody => _elementsBehindBody > 0;

    /// <summary>The whole frame without its length prefix.</summary>
    public Span<byte> Contents => _buffer.AsSpan(0, Length);

    /// <summary>
    /// The called object. Found when the call is routed, so that a later Release cannot overtake the call.
    /// </summary>
    public object? CalledObject { get; set; }

    /// <summary>
    /// The logical thread whose stack the call belongs to until it is answered; null for an asynchronous, one-way or
    /// refused call.
    /// </summary>
    public object? AnswersOn { get; set; }

    /// <summary>Cancelled when the peer cancels this call; null when the call cannot be cancelled.</summary>
    public CancellationTokenSource? Cancellation { get; set; }

    /// <summary>Objects that come home in the body, kept until the body is read.</summary>
    public List<object>? Pinned { get; set; }

    /// <summary>
    /// True when the bytes are wiped as the message is returned. False only after the message was read to its end and
    /// held no sensitive value. A message that was never read, because the call was refused or its caller has gone, may
    /// hold such a value.
    /// </summary>
    public bool IsSensitive { get; set; }

    /// <summary>Bytes with which the message counts while it waits to be run; 0 otherwise. Under the gate.</summary>
    public int WaitingBytes { get; set; }

    /// <summary>The next message in the same queue.</summary>
    public Message? Next { get; set; }

    /// <summary>Makes room for a frame and returns the place of its bytes.</summary>
    public Span<byte> Prepare(int length)
    {
        if (length > _buffer.Length)
        {
            if (length <= KeptBytes)
            {
                // Pinned, so that the garbage collector leaves no copies of a secret behind.
                _buffer = GC.AllocateUninitializedArray<byte>(
                    Math.Max(SmallestBytes, (int)BitOperations.RoundUpToPowerOf2((uint)length)), pinned: true);
            }
            else
            {
                _buffer = FramePool.Rent(length);
                _rented = true;
            }
        }

        Length = length;
        IsSensitive = true;
        return Contents;
    }

    /// <summary>Clears the contents, so that the message can be reused.</summary>
    public void Clear()
    {
        if (IsSensitive)
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(Contents);
            IsSensitive = false;
        }

        if (_rented)
        {
            FramePool.Return(_buffer);
            _buffer = [];
            _rented = false;
        }

        CalledObject = null;
        Cancellation = null;
        Pinned = null;
        Next = null;
        WaitingBytes = 0;
        Length = 0;
        AnswersOn = null;
        _bodyStart = 0;
    }

    /// <summary>Checks that only elements of a later version follow a message that is only a header.</summary>
    /// <exception cref="IpcProtocolException">More data follows, or the data is malformed.</exception>
    public void CheckEnd()
    {
        var reader = new MessagePackReader(Body);
        CheckEnd(ref reader);
    }

    /// <summary>
    /// Checks that the frame ends after the part of the body that was read and the elements of a later version.
    /// </summary>
    /// <exception cref="IpcProtocolException">More data follows, or the data is malformed.</exception>
    public void CheckEnd(ref MessagePackReader reader)
    {
        for (int i = 0; i < _elementsBehindBody; i++)
        {
            reader.SkipStrict();
        }

        if (!reader.End)
        {
            throw new IpcProtocolException(
                $"Expected the end of a {Type} message, found more behind it.") { At = (int)reader.Consumed };
        }
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="IpcProtocolException">The frame is not a message of the protocol.</exception>
    public void Parse()
    {
        var reader = new HeaderReader(Contents);
        int count = reader.ReadArrayHeader();
        int type = reader.ReadByte();
        Type = (MessageType)type;
        int expected = Type switch
        {
            MessageType.Hello => Hello.Elements,
            MessageType.Call => CallMessage.Elements,
            MessageType.Return => ReturnMessage.Elements,
            MessageType.Error => ErrorMessage.Elements,
            MessageType.Cancel => CancelMessage.Elements,
            MessageType.Release => ReleaseMessage.Elements,
            MessageType.ThreadStarted => ThreadStartedMessage.Elements,
            MessageType.ThreadEnded => ThreadEndedMessage.Elements,
            MessageType.Goodbye => GoodbyeMessage.Elements,
            MessageType.Shape => ShapeMessage.Elements,
            _ => throw new IpcProtocolException($"Expected a message type from 0 to 9, found {type}."),
        };

        // A later version may append elements; this version skips them.
        if (count < expected)
        {
            throw new IpcProtocolException(
                $"Expected at least {expected} elements in a {Type} message, found {count}.");
        }

        _elementsBehindBody = count - expected;
        Flags = MessageFlags.None;
        Thread = Request = Parent = Target = 0;
        Method = 0;
        switch (Type)
        {
            case MessageType.Call:
                CallMessage.ReadHeader(this, ref reader);
                break;
            case MessageType.Return:
                ReturnMessage.ReadHeader(this, ref reader);
                break;
            case MessageType.Error:
                ErrorMessage.ReadHeader(this, ref reader);
                break;
            case MessageType.Cancel:
                CancelMessage.ReadHeader(this, ref reader);
                break;
            case MessageType.ThreadStarted:
                ThreadStartedMessage.ReadHeader(this, ref reader);
                break;
            case MessageType.ThreadEnded:
                ThreadEndedMessage.ReadHeader(this, ref reader);
                break;
        }

        bool isCall = Type == MessageType.Call;
        bool namesRequest = isCall || Type is MessageType.Return or MessageType.Error or MessageType.Cancel;
        if (Thread == long.MinValue
            || Parent < 0
            || Request < (namesRequest ? 1 : 0)
            || (isCall && (Target < 1 || Method == 0)))
        {
            throw new IpcProtocolException(
                $"Expected identifiers from 1, or from 0 for thread and parent, in a {Type} message, found thread {Thread}, request {Request}, parent {Parent}, target {Target}, method {Method}.");
        }

        _bodyStart = reader.Consumed;
    }
}
