using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess;

/// <summary>What one end of a connection sent at once: a message with its length, or whatever bytes somebody wrote down instead. Immutable.</summary>
public sealed class IpcTrafficFrame
{
    private const int MaxShownCharacters = 1000;

    /// <summary>Makes a frame of bytes, the length of four bytes among them. Nothing is checked: bytes that are no message are traffic too.</summary>
    public IpcTrafficFrame(bool isFromClient, ReadOnlyMemory<byte> bytes)
    {
        IsFromClient = isFromClient;
        Bytes = bytes;
    }

    private IpcTrafficFrame(bool isFromClient)
    {
        IsFromClient = isFromClient;
        IsAnyHello = true;
    }

    /// <summary>Whether the client sent it, who wants the root; otherwise the server, who serves it.</summary>
    public bool IsFromClient { get; }

    /// <summary>The bytes, with the length before them. Empty where <see cref="IsAnyHello"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether it stands for the Hello of whoever replays it, and has no bytes of its own.</summary>
    public bool IsAnyHello { get; }

    /// <summary>The type of the message as its first bytes say, or null.</summary>
    internal MessageType? Type
    {
        get
        {
            // After the length, the header of a short array, then the type; PROTOCOL.md has both as one byte each.
            ReadOnlySpan<byte> bytes = Bytes.Span;
            return IsAnyHello ? MessageType.Hello
                : bytes.Length >= 6 && bytes[4] is >= MessagePackCode.MinFixArray and <= MessagePackCode.MaxFixArray && bytes[5] <= (byte)MessageType.Shape ? (MessageType)bytes[5]
                : null;
        }
    }

    /// <summary>
    /// Whether who receives it may have waited for it before going on. The others are sent at times of their own, when
    /// garbage was collected for example.
    /// </summary>
    internal bool IsWaitedFor => Type is null or MessageType.Hello or MessageType.Call or MessageType.Return or MessageType.Error;

    /// <summary>Whether it is a call that is answered.</summary>
    internal bool IsAnsweredCall => Type == MessageType.Call && Bytes.Length > MessageFormat.FlagsOffset && ((MessageFlags)Bytes.Span[MessageFormat.FlagsOffset] & MessageFlags.OneWay) == 0;

    /// <summary>A frame that stands for the Hello of whoever replays it: what a Hello says differs between versions.</summary>
    public static IpcTrafficFrame Hello(bool isFromClient) => new(isFromClient);

    /// <summary>
    /// The frame in one line for people, with the names of PROTOCOL.md: direction, type, and the fields that are not
    /// nought. Bytes that are no message are shown as they are. Long lines are cut.
    /// </summary>
    public override string ToString()
    {
        string text = IsAnyHello ? "Hello" : Describe();
        return $"{(IsFromClient ? '>' : '<')} {(text.Length <= MaxShownCharacters ? text : $"{text.AsSpan(0, MaxShownCharacters)}… ({text.Length:N0} characters)")}";
    }

    private string Describe()
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        if (bytes.Length < MessageFormat.LengthPrefix || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)(bytes.Length - MessageFormat.LengthPrefix))
        {
            return NoMessage("its length is not what it says");
        }

        try
        {
            var message = new Message();
            bytes[MessageFormat.LengthPrefix..].CopyTo(message.Prepare(bytes.Length - MessageFormat.LengthPrefix));
            message.Parse();
            var text = new StringBuilder(message.Type.ToString());
            IReadOnlyList<(string Name, string Value)> fields = WireFields.Read(message, out int rest);
            foreach ((string name, string value) in fields)
            {
                if ((name, value) is not (("flags", nameof(MessageFlags.None)) or ("parent", "0")))
                {
                    text.Append(CultureInfo.InvariantCulture, $" {name}={value}");
                }
            }

            return rest == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $" and {rest:N0} bytes more").ToString();
        }
        catch (Exception exception) when (exception is IpcProtocolException or IpcException)
        {
            return NoMessage(exception.Message);
        }
    }

    private string NoMessage(string why) => $"no message, {Bytes.Length:N0} bytes: {Convert.ToHexStringLower(Bytes.Span)} ({why})";
}
