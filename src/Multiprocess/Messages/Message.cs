using Multiprocess.Serialization;
using System.Numerics;

namespace Multiprocess.Messages;

/// <summary>One received frame: its bytes and, once <see cref="Parse"/> has run, its header.</summary>
/// <remarks>Belongs to one thread at a time: the reader fills it, then the thread that it is for. Pooled per connection.</remarks>
internal sealed class Message
{
    // Most calls fit into the first; what is larger than the second comes from the shared pool and goes back with the message.
    private const int SmallestBytes = 256;
    private const int KeptBytes = 4 * 1024;

    // About what one takes without its bytes.
    private const int OwnBytes = 128;

    private byte[] _buffer = [];
    private bool _rented;
    private int _bodyStart;
    private int _elementsBehindBody;

    /// <summary>The type, from the frame's first element.</summary>
    public MessageType Type { get; private set; }

    /// <summary>This and what follows is what the header says. Set by the message's own reading.</summary>
    public MessageFlags Flags { get; set; }

    /// <summary>The logical thread: positive when the receiver began it, negative when the sender did, 0 for none.</summary>
    public long Thread { get; set; }

    /// <summary>The request that is made, answered or cancelled; the handle of a Release.</summary>
    public long Request { get; set; }

    /// <summary>The receiver's own request in which a call is nested; 0 for none.</summary>
    public long Parent { get; set; }

    /// <summary>The handle of the receiver's object that is called.</summary>
    public long Target { get; set; }

    public uint Method { get; set; }

    /// <summary>How many bytes of memory it takes while it is not used.</summary>
    public int HeldBytes => OwnBytes + _buffer.Length;

    /// <summary>How many bytes the frame has, without its length prefix.</summary>
    public int Length { get; private set; }

    /// <summary>What comes after the header: arguments, results, or the rest of the message.</summary>
    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(_bodyStart, Length - _bodyStart);

    /// <summary>True when the sender says that elements of a later version stand behind the body.</summary>
    public bool HasMoreBehindBody => _elementsBehindBody > 0;

    /// <summary>The whole frame without its length prefix.</summary>
    public Span<byte> Contents => _buffer.AsSpan(0, Length);

    /// <summary>The object that is called, found when the call was routed: a later Release cannot outrun the call.</summary>
    public object? CalledObject { get; set; }

    /// <summary>The logical thread whose stack the call is part of until it is answered; null for one that is asynchronous, one-way or refused.</summary>
    public object? AnswersOn { get; set; }

    /// <summary>Cancelled when the peer cancels this call; null when it never will.</summary>
    public CancellationTokenSource? Cancellation { get; set; }

    /// <summary>Objects that come home in the body, kept until it is read.</summary>
    public List<object>? Pinned { get; set; }

    /// <summary>
    /// True unless it was read to its end and holds no sensitive value: its bytes are wiped when it is given back. What
    /// nobody has read, because the call was refused or its caller has gone, may hold one.
    /// </summary>
    public bool IsSensitive { get; set; }

    /// <summary>How many bytes it is counted with while it waits to be run; 0 when it does not. Under the gate.</summary>
    public int WaitingBytes { get; set; }

    /// <summary>The next message of the queue that this one is in.</summary>
    public Message? Next { get; set; }

    /// <summary>Makes room for a frame and returns the place for its bytes.</summary>
    public Span<byte> Prepare(int length)
    {
        if (length > _buffer.Length)
        {
            if (length <= KeptBytes)
            {
                // Pinned, so that the collector leaves no copies of a secret behind.
                _buffer = GC.AllocateUninitializedArray<byte>(Math.Max(SmallestBytes, (int)BitOperations.RoundUpToPowerOf2((uint)length)), pinned: true);
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

    /// <summary>Forgets the contents, so that the message can be used again.</summary>
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

    /// <summary>Checks that a message that is a header only has no more than elements of a later version behind it.</summary>
    /// <exception cref="IpcProtocolException">More follows, or what follows is malformed.</exception>
    public void CheckEnd()
    {
        var reader = new MessagePackReader(Body);
        CheckEnd(ref reader);
    }

    /// <summary>Checks that the frame ends behind what was read of its body, and the elements of a later version.</summary>
    /// <exception cref="IpcProtocolException">More follows, or what follows is malformed.</exception>
    public void CheckEnd(ref MessagePackReader reader)
    {
        for (int i = 0; i < _elementsBehindBody; i++)
        {
            reader.SkipStrict();
        }

        if (!reader.End)
        {
            throw new IpcProtocolException($"Expected the end of a {Type} message, found more behind it.") { At = (int)reader.Consumed };
        }
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="IpcProtocolException">The frame is no message of the protocol.</exception>
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

        // A later version may append elements; this one passes over them.
        if (count < expected)
        {
            throw new IpcProtocolException($"Expected at least {expected} elements in a {Type} message, found {count}.");
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
        if (Thread == long.MinValue || Parent < 0 || Request < (namesRequest ? 1 : 0) || (isCall && (Target < 1 || Method == 0)))
        {
            throw new IpcProtocolException(
                $"Expected identifiers from 1, or from 0 for thread and parent, in a {Type} message, found thread {Thread}, request {Request}, parent {Parent}, target {Target}, method {Method}.");
        }

        _bodyStart = reader.Consumed;
    }
}
