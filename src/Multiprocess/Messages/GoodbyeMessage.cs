using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Goodbye, type 8: the last message of a side that ends the connection.</summary>
internal static class GoodbyeMessage
{
    /// <summary>Least number of elements: type, kind, reason.</summary>
    public const int Elements = 3;

    /// <summary>Longest reason, in UTF-16 code units. Both sender and receiver cut longer reasons.</summary>
    public const int MaxReasonLength = 1000;

    public static void Write(ref MessagePackWriter writer, IpcErrorKind kind, string reason)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Goodbye);
        writer.Write((byte)kind);
        writer.WriteStrict(reason);
    }

    /// <summary>Cuts a reason to the longest length.</summary>
    public static string Cut(string reason) => reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason;

    /// <summary>Creates the exception for a peer that ended the connection with a reason.</summary>
    public static IpcException Read(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        var kind = (IpcErrorKind)reader.ReadStrictByte();
        string reason = reader.ReadStrictString()
            ?? throw new IpcProtocolException("Expected the reason of a Goodbye, got nil.");
        message.CheckEnd(ref reader);
        reason = IpcText.Escape(reason, MaxReasonLength);
        return kind switch
        {
            not (IpcErrorKind.Disconnected
                or IpcErrorKind.Protocol
                or IpcErrorKind.LimitExceeded
                or IpcErrorKind.Refused)
                => throw new IpcProtocolException($"Expected kind 0, 3, 7 or 8 in a Goodbye, got {(int)kind}."),
            IpcErrorKind.Protocol => new IpcProtocolException($"The peer ended the connection: {reason}"),
            IpcErrorKind.LimitExceeded or IpcErrorKind.Refused
                => new IpcException(kind, $"The peer refused the connection: {reason}"),
            _ => new IpcDisconnectedException(
                reason.Length > 0 ? $"The peer closed the connection: {reason}" : "The peer closed the connection."),
        };
    }
}
