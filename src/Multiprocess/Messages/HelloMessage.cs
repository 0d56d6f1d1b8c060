using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Hello, type 0: the first message of each side.</summary>
internal static class HelloMessage
{
    /// <summary>
    /// Least number of elements: type, name of the protocol, and the elements of <see cref="Hello"/> except the last
    /// two.
    /// </summary>
    public const int Elements = 9;

    /// <summary>The name of the protocol, the first element of a Hello.</summary>
    public const string Magic = "multiprocess";

    /// <summary>The version that this runtime speaks.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The largest frame before both Hellos have been exchanged, in bytes.</summary>
    public const int MaxHandshakeBytes = 4 * 1024;

    public static void Write(this Hello hello, ref MessagePackWriter writer)
    {
        MessageFormat.Begin(ref writer);
        int more = hello.MaxDescriptors > 0 ? 2 : hello.Abilities != HelloAbilities.None ? 1 : 0;
        writer.WriteArrayHeader(Elements + more);
        writer.Write((byte)MessageType.Hello);
        writer.WriteStrict(Magic);
        writer.Write(hello.Version);
        writer.Write(hello.ProcessId);
        writer.WriteStrict(hello.Serves);
        writer.Write(hello.ServesFingerprint);
        writer.WriteStrict(hello.Wants);
        writer.Write(hello.WantsFingerprint);
        writer.Write(hello.MaxFrameBytes);
        if (more > 0)
        {
            writer.Write((ulong)hello.Abilities);
        }

        if (more > 1)
        {
            writer.Write(hello.MaxDescriptors);
        }
    }

    public static Hello Read(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        if (reader.ReadStrictString() != Magic)
        {
            throw new IpcProtocolException(
                $"Hello: Expected \"{Magic}\" as its first element, got a message of another protocol.");
        }

        int version = reader.ReadStrictInt32();
        if (version != CurrentVersion)
        {
            throw new IpcException(
                IpcErrorKind.Refused,
                $"Hello: Expected version {CurrentVersion} of the protocol, got version {version}.");
        }

        var hello = new Hello(
            version,
            reader.ReadStrictInt32(),
            reader.ReadStrictString(),
            reader.ReadStrictUInt64(),
            reader.ReadStrictString(),
            reader.ReadStrictUInt64(),
            reader.ReadStrictInt32(),
            message.ElementsBehindBody > 0 ? (HelloAbilities)reader.ReadStrictUInt64() : HelloAbilities.None,
            message.ElementsBehindBody > 1 ? reader.ReadStrictInt32() : 0);
        message.CheckEnd(ref reader, Math.Min(message.ElementsBehindBody, 2));
        if (hello.MaxDescriptors < 0)
        {
            throw new IpcProtocolException(
                $"Hello: Expected 0 or more descriptors, got {hello.MaxDescriptors}.");
        }

        return hello.MaxFrameBytes >= MaxHandshakeBytes
            ? hello
            : throw new IpcProtocolException(
                $"Hello: Expected frames of at least {MaxHandshakeBytes} bytes, got {hello.MaxFrameBytes}.");
    }
}
