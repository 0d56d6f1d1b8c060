using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>What each side says about itself before anything else.</summary>
/// <param name="Version">The version of the protocol.</param>
/// <param name="ProcessId">The sender's process id.</param>
/// <param name="Serves">The contract of the root that the sender serves, or null.</param>
/// <param name="ServesFingerprint">The fingerprint of that contract.</param>
/// <param name="Wants">The contract of the root that the sender expects, or null.</param>
/// <param name="WantsFingerprint">The fingerprint of that contract.</param>
/// <param name="MaxFrameBytes">The largest frame that the sender accepts, in bytes.</param>
internal sealed record Hello(
    int Version,
    int ProcessId,
    string? Serves,
    ulong ServesFingerprint,
    string? Wants,
    ulong WantsFingerprint,
    int MaxFrameBytes)
{
    /// <summary>Least number of elements: type, name of the protocol, and those of this record.</summary>
    public const int Elements = 9;

    /// <summary>The name of the protocol, the first thing in a Hello.</summary>
    public const string Magic = "multiprocess";

    /// <summary>The version that this runtime speaks.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The largest frame before both Hellos have been exchanged, in bytes.</summary>
    public const int MaxHandshakeBytes = 4 * 1024;

    public void Write(ref MessagePackWriter writer)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Hello);
        writer.WriteStrict(Magic);
        writer.Write(Version);
        writer.Write(ProcessId);
        writer.WriteStrict(Serves);
        writer.Write(ServesFingerprint);
        writer.WriteStrict(Wants);
        writer.Write(WantsFingerprint);
        writer.Write(MaxFrameBytes);
    }

    public static Hello Read(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        if (reader.ReadStrictString() != Magic)
        {
            throw new IpcProtocolException(
                $"The peer does not speak this protocol: its first message does not say \"{Magic}\".");
        }

        int version = reader.ReadStrictInt32();
        if (version != CurrentVersion)
        {
            throw new IpcException(
                IpcErrorKind.Refused,
                $"The peer speaks version {version} of the protocol, this side version {CurrentVersion}.");
        }

        var hello = new Hello(
            version,
            reader.ReadStrictInt32(),
            reader.ReadStrictString(),
            reader.ReadStrictUInt64(),
            reader.ReadStrictString(),
            reader.ReadStrictUInt64(),
            reader.ReadStrictInt32());
        message.CheckEnd(ref reader);
        return hello.MaxFrameBytes >= MaxHandshakeBytes
            ? hello
            : throw new IpcProtocolException(
                $"The peer accepts frames of {hello.MaxFrameBytes} bytes; expected at least {MaxHandshakeBytes}.");
    }
}
