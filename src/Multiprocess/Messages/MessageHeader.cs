using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>
/// What begins and ends every message: the number of elements, the type, and elements of later versions.
/// </summary>
internal static class MessageHeader
{
    /// <summary>Checks that only elements of a later version follow a message that is only a header.</summary>
    /// <exception cref="IpcProtocolException">More data follows, or the data is malformed.</exception>
    public static void CheckEnd(this Message message)
    {
        var reader = new MessagePackReader(message.Body);
        message.CheckEnd(ref reader);
    }

    /// <summary>Checks that the frame ends after the body and the elements of a later version.</summary>
    /// <param name="message">The message.</param>
    /// <param name="reader">A reader that has read the body.</param>
    /// <param name="readBehindBody">Number of elements after the body that were read too.</param>
    /// <exception cref="IpcProtocolException">More data follows, or the data is malformed.</exception>
    public static void CheckEnd(this Message message, ref MessagePackReader reader, int readBehindBody = 0)
    {
        for (int i = readBehindBody; i < message.ElementsBehindBody; i++)
        {
            reader.SkipStrict();
        }

        if (!reader.End)
        {
            throw new IpcProtocolException(
                $"{message.Type}: Expected the end of the message, got more bytes.") { At = (int)reader.Consumed };
        }
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="IpcProtocolException">The frame is not a message of the protocol.</exception>
    public static void Parse(this Message message)
    {
        var reader = new HeaderReader(message.Contents);
        int count = reader.ReadArrayHeader();
        int type = reader.ReadByte();
        var kind = (MessageType)type;
        int expected = kind switch
        {
            MessageType.Hello => HelloMessage.Elements,
            MessageType.Call => CallMessage.Elements,
            MessageType.Return => ReturnMessage.Elements,
            MessageType.Error => ErrorMessage.Elements,
            MessageType.Cancel => CancelMessage.Elements,
            MessageType.Release => ReleaseMessage.Elements,
            MessageType.ThreadStarted => ThreadStartedMessage.Elements,
            MessageType.ThreadEnded => ThreadEndedMessage.Elements,
            MessageType.Goodbye => GoodbyeMessage.Elements,
            MessageType.Shape => ShapeMessage.Elements,
            MessageType.Memory => MemoryMessage.Elements,
            MessageType.Descriptors => DescriptorsMessage.Elements,
            _ => throw new IpcProtocolException($"Expected a message type from 0 to 11, got {type}."),
        };

        // A later version may append elements; this version skips them.
        if (count < expected)
        {
            throw new IpcProtocolException(
                $"Expected at least {expected} elements in a {kind} message, got {count}.");
        }

        message.Type = kind;
        message.ElementsBehindBody = count - expected;
        message.Flags = MessageFlags.None;
        message.Thread = message.Request = message.Parent = message.Target = 0;
        message.Method = 0;
        switch (kind)
        {
            case MessageType.Call:
                CallMessage.ReadHeader(message, ref reader);
                break;
            case MessageType.Return:
                ReturnMessage.ReadHeader(message, ref reader);
                break;
            case MessageType.Error:
                ErrorMessage.ReadHeader(message, ref reader);
                break;
            case MessageType.Cancel:
                CancelMessage.ReadHeader(message, ref reader);
                break;
            case MessageType.ThreadStarted:
                ThreadStartedMessage.ReadHeader(message, ref reader);
                break;
            case MessageType.ThreadEnded:
                ThreadEndedMessage.ReadHeader(message, ref reader);
                break;
        }

        bool isCall = kind == MessageType.Call;
        bool namesRequest = isCall || kind is MessageType.Return or MessageType.Error or MessageType.Cancel;
        if (message.Thread == long.MinValue
            || message.Parent < 0
            || message.Request < (namesRequest ? 1 : 0)
            || (isCall && (message.Target < 1 || message.Method == 0)))
        {
            throw BadIdentifiers(message);
        }

        message.BodyStart = reader.Consumed;
    }

    private static IpcProtocolException BadIdentifiers(Message message)
        => new(
            $"Expected identifiers from 1, or from 0 for thread and parent, in a {message.Type} message, got thread "
                + $"{message.Thread}, request {message.Request}, parent {message.Parent}, target {message.Target}, "
                + $"method {message.Method}.");
}
