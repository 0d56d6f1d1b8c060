using System.Globalization;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess;

/// <summary>Names and formats the elements of a message as the examples of PROTOCOL.md do.</summary>
internal static class WireFields
{
    /// <summary>Reads all fields after the type, in order.</summary>
    /// <param name="message">A message whose header was read.</param>
    /// <param name="rest">How many bytes follow the elements that this version knows.</param>
    /// <exception cref="IpcProtocolException">The message is malformed.</exception>
    /// <exception cref="IpcException">The message is a Hello of another protocol or version.</exception>
    public static IReadOnlyList<(string Name, string Value)> Read(Message message, out int rest)
    {
        var body = new MessagePackReader(message.Body);
        List<(string, string)> fields = [];
        switch (message.Type)
        {
            case MessageType.Hello:
                Hello hello = HelloMessage.Read(message);
                fields.Add(("version", Text(hello.Version)));
                fields.Add(("process", Text(hello.ProcessId)));
                fields.Add(("serves", WireNotation.Quote(hello.Serves)));
                fields.Add(("servesFingerprint", Fingerprint(hello.ServesFingerprint)));
                fields.Add(("wants", WireNotation.Quote(hello.Wants)));
                fields.Add(("wantsFingerprint", Fingerprint(hello.WantsFingerprint)));
                fields.Add(("maxFrameBytes", Text(hello.MaxFrameBytes)));
                if (hello.Abilities != HelloAbilities.None)
                {
                    fields.Add(("abilities", hello.Abilities.ToString()));
                }

                if (hello.MaxDescriptors != 0)
                {
                    fields.Add(("maxDescriptors", Text(hello.MaxDescriptors)));
                }

                rest = 0;
                return fields;
            case MessageType.Call:
                fields.Add(("flags", message.Flags.ToString()));
                fields.Add(("thread", Text(-message.Thread)));
                fields.Add(("request", Text(message.Request)));
                fields.Add(("parent", Text(message.Parent)));
                fields.Add(("target", Text(message.Target)));
                fields.Add(("method", $"0x{message.Method:x8}"));
                fields.Add(("arguments", WireNotation.Read(ref body)));
                if ((message.Flags & MessageFlags.Traced) != 0)
                {
                    fields.Add(("trace", WireNotation.Read(ref body)));
                }

                break;
            case MessageType.Return:
                fields.Add(("flags", message.Flags.ToString()));
                fields.Add(("thread", Text(-message.Thread)));
                fields.Add(("request", Text(message.Request)));
                fields.Add(("results", WireNotation.Read(ref body)));
                break;
            case MessageType.Error:
                fields.Add(("flags", message.Flags.ToString()));
                fields.Add(("thread", Text(-message.Thread)));
                fields.Add(("request", Text(message.Request)));
                fields.Add(("kind", ((IpcErrorKind)body.ReadStrictByte()).ToString()));
                fields.Add(("exception", WireNotation.Read(ref body)));
                break;
            case MessageType.Cancel:
                fields.Add(("thread", Text(-message.Thread)));
                fields.Add(("request", Text(message.Request)));
                break;
            case MessageType.Release:
                fields.Add(("handle", Text(body.ReadStrictInt64())));
                fields.Add(("count", Text(body.ReadStrictInt64())));
                break;
            case MessageType.ThreadStarted:
                fields.Add(("thread", Text(-message.Thread)));
                fields.Add(("name", WireNotation.Read(ref body)));
                break;
            case MessageType.ThreadEnded:
                fields.Add(("thread", Text(-message.Thread)));
                break;
            case MessageType.Shape:
                fields.Add(("contract", WireNotation.Read(ref body)));
                fields.Add(("method", $"0x{body.ReadStrictUInt32():x8}"));
                fields.Add(("shape", WireNotation.Read(ref body)));
                break;
            case MessageType.Memory:
                fields.Add(("step", ((MemoryStep)body.ReadStrictByte()).ToString()));
                fields.Add(("ringBytes", Text(body.ReadStrictInt32())));
                break;
            case MessageType.Descriptors:
                fields.Add(("count", Text(body.ReadStrictInt32())));
                break;
            default:
                fields.Add(("kind", ((IpcErrorKind)body.ReadStrictByte()).ToString()));
                fields.Add(("reason", WireNotation.Read(ref body)));
                break;
        }

        rest = message.Body.Length - (int)body.Consumed;
        return fields;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Fingerprint(ulong value) => $"0x{value:x16}";
}
