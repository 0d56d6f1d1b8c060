using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess;

/// <summary>
/// What one end of a connection sent at once: a message with its length, or any bytes written by hand instead.
/// Immutable.
/// </summary>
public sealed class IpcTrafficFrame
{
    private const int MaxShownCharacters = 1000;

    /// <summary>
    /// Creates a frame from bytes, including the four bytes of the length. Nothing is checked: bytes that are not a
    /// message are traffic too.
    /// </summary>
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

    /// <summary>
    /// True when the client sent the frame (the side that calls the root), false when the server did.
    /// </summary>
    public bool IsFromClient { get; }

    /// <summary>The bytes, including the length. Empty when <see cref="IsAnyHello"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether the frame stands for the Hello of the replaying side, and has no bytes of its own.</summary>
    public bool IsAnyHello { get; }

    /// <summary>The type of the message according to its first bytes, or null.</summary>
    internal MessageType? Type
    {
        get
        {
            // After the length come the header of a short array and the type, one byte each (PROTOCOL.md).
            ReadOnlySpan<byte> bytes = Bytes.Span;
            return IsAnyHello ? MessageType.Hello
                : bytes.Length >= 6
                    && bytes[4] is >= MessagePackCode.MinFixArray and <= MessagePackCode.MaxFixArray
                    && bytes[5] <= (byte)MessageType.Descriptors ? (MessageType)bytes[5]
                : null;
        }
    }

    /// <summary>
    /// Whether the receiver may have waited for this frame before it continued. Other frames are sent at independent
    /// times, for example after a garbage collection.
    /// </summary>
    internal bool IsWaitedFor
        => Type is null or MessageType.Hello or MessageType.Call or MessageType.Return or MessageType.Error;

    /// <summary>Whether the frame is a call that expects an answer.</summary>
    internal bool IsAnsweredCall
        => Type == MessageType.Call
            && Bytes.Length > MessageFormat.FlagsOffset
            && ((MessageFlags)Bytes.Span[MessageFormat.FlagsOffset] & MessageFlags.OneWay) == 0;

    /// <summary>
    /// Creates a frame that stands for the Hello of the replaying side, because Hello messages differ between versions.
    /// </summary>
    public static IpcTrafficFrame Hello(bool isFromClient) => new(isFromClient);

    /// <summary>
    /// Returns the frame in readable form on one line, with the names of PROTOCOL.md: direction, type, and the fields
    /// other than 0. Bytes that are not a message are shown as they are. Long lines are cut.
    /// </summary>
    public override string ToString()
    {
        string text = IsAnyHello ? "Hello" : Describe();
        string shown = text.Length <= MaxShownCharacters
            ? text
            : $"{text.AsSpan(0, MaxShownCharacters)}… ({text.Length:N0} characters)";
        return $"{(IsFromClient ? '>' : '<')} {shown}";
    }

    private string Describe()
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        if (bytes.Length < MessageFormat.LengthPrefix
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)(bytes.Length - MessageFormat.LengthPrefix))
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

            return rest == 0
                ? text.ToString()
                : text.Append(CultureInfo.InvariantCulture, $" and {rest:N0} bytes more").ToString();
        }
        catch (Exception exception) when (exception is IpcProtocolException or IpcException)
        {
            return NoMessage(exception.Message);
        }
    }

    private string NoMessage(string why)
        => $"no message, {Bytes.Length:N0} bytes: {Convert.ToHexStringLower(Bytes.Span)} ({why})";
}
