using System.Buffers.Binary;
using Multiprocess.Buffers;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Recording;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Messages;

/// <summary>One example of PROTOCOL.md: the bytes of a frame and the fields that are stated next to them.</summary>
internal sealed record WireExample(int Line, byte[] Frame, string From, IReadOnlyDictionary<string, string> Fields)
{
    public override string ToString() => $"line {Line}, {Fields["type"]}";

    /// <summary>All blocks that are fenced as <c>wire</c>.</summary>
    public static IEnumerable<WireExample> ReadAll(IEnumerable<string> lines)
    {
        var block = new List<string>();
        int number = 0;
        int start = 0;
        foreach (string line in lines)
        {
            number++;
            if (line == "```wire")
            {
                start = number;
                block.Clear();
            }
            else if (line == "```" && start != 0)
            {
                yield return Parse(start, block);
                start = 0;
            }
            else if (start != 0)
            {
                block.Add(line);
            }
        }
    }

    /// <summary>The fields that the frame has, as the document spells them.</summary>
    public Dictionary<string, string> Decode()
    {
        Message message = ParseFrame();
        var fields = WireFields.Read(message, out int rest).ToDictionary(field => field.Name, field => field.Value);
        fields.Add("type", message.Type.ToString());
        Assert.That(rest, Is.Zero, "The frame holds more than its fields.");
        return fields;
    }

    /// <summary>
    /// The frame as the runtime writes it: header and small messages anew, the values of a body as they are.
    /// </summary>
    public byte[] Rewrite()
    {
        Message message = ParseFrame();
        var body = new MessagePackReader(message.Body);
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        switch (message.Type)
        {
            case MessageType.Hello:
                HelloMessage.Read(message).Write(ref writer);
                break;
            case MessageType.Call:
                CallMessage.Write(
                    ref writer,
                    message.Flags & ~MessageFlags.Traced,
                    -message.Thread,
                    message.Request,
                    message.Parent,
                    message.Target,
                    message.Method);
                writer.WriteRaw(message.Body.Span);
                break;
            case MessageType.Return:
                ReturnMessage.Write(ref writer, -message.Thread, message.Request);
                writer.WriteRaw(message.Body.Span);
                break;
            case MessageType.Error:
                ErrorMessage.Write(ref writer, -message.Thread, message.Request, (IpcErrorKind)body.ReadByte());
                writer.WriteRaw(message.Body.Span[(int)body.Consumed..]);
                break;
            case MessageType.Cancel:
                CancelMessage.Write(ref writer, -message.Thread, message.Request);
                break;
            case MessageType.Release:
                ReleaseMessage.Write(ref writer, body.ReadInt64(), body.ReadInt64());
                break;
            case MessageType.ThreadStarted:
                ThreadStartedMessage.Write(ref writer, -message.Thread, body.ReadString()!);
                break;
            case MessageType.ThreadEnded:
                ThreadEndedMessage.Write(ref writer, -message.Thread);
                break;
            case MessageType.Shape:
                ShapeMessage.Write(ref writer, body.ReadString()!, body.ReadUInt32(), body.ReadString()!);
                break;
            case MessageType.Memory:
                MemoryMessage.Write(ref writer, (MemoryStep)body.ReadByte(), body.ReadInt32());
                break;
            case MessageType.Descriptors:
                DescriptorsMessage.Write(ref writer, body.ReadInt32());
                break;
            case MessageType.Goodbye:
                GoodbyeMessage.Write(ref writer, (IpcErrorKind)body.ReadByte(), body.ReadString()!);
                break;
        }

        writer.Flush();
        MessageFormat.End(output.Written);
        if (message.Type is MessageType.Return or MessageType.Error)
        {
            output.Written[MessageFormat.FlagsOffset] = (byte)message.Flags;
        }

        if ((message.Flags & MessageFlags.Traced) != 0)
        {
            CallMessage.MarkTraced(output.Written);
        }

        return output.WrittenSpan.ToArray();
    }

    private static WireExample Parse(int line, List<string> block)
    {
        var fields = new Dictionary<string, string>();
        string last = "";
        foreach (string text in block)
        {
            int equals = text.StartsWith(' ') ? -1 : text.IndexOf(" = ", StringComparison.Ordinal);
            if (equals < 0)
            {
                fields[last] += text;
            }
            else
            {
                last = text[..equals];
                fields.Add(last, text[(equals + 3)..]);
            }
        }

        byte[] frame = Convert.FromHexString(fields["hex"].Replace(" ", ""));
        string from = fields["from"];
        fields.Remove("hex");
        fields.Remove("from");
        return new WireExample(line, frame, from, fields);
    }

    private Message ParseFrame()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Frame);
        Assert.That(length, Is.EqualTo(Frame.Length - MessageFormat.LengthPrefix), "The length prefix is wrong.");
        var message = new Message();
        Frame.AsSpan(MessageFormat.LengthPrefix).CopyTo(message.Prepare(length));
        message.Parse();
        return message;
    }
}
