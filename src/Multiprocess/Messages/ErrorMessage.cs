using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Messages;

/// <summary>Error, type 3: the answer to a call that threw or did not run.</summary>
internal static class ErrorMessage
{
    /// <summary>Least number of elements: type, flags, thread, request, kind, exception.</summary>
    public const int Elements = 6;

    /// <summary>Writes the header and the kind. The exception follows.</summary>
    public static void Write(ref MessagePackWriter writer, long thread, long request, IpcErrorKind kind)
    {
        MessageFormat.Begin(ref writer);
        writer.WriteArrayHeader(Elements);
        writer.Write((byte)MessageType.Error);
        writer.Write((byte)MessageFlags.None);
        writer.Write(thread);
        writer.Write(request);
        writer.Write((byte)kind);
    }

    /// <summary>Reads the header, which has the same form as that of a Return.</summary>
    public static void ReadHeader(Message message, ref HeaderReader reader)
        => ReturnMessage.ReadHeader(message, ref reader);

    /// <summary>Reads the kind, the first element of the body. The exception follows.</summary>
    /// <exception cref="IpcProtocolException">The kind must not be sent.</exception>
    public static IpcErrorKind ReadKind(ref MessagePackReader body)
    {
        var kind = (IpcErrorKind)body.ReadStrictByte();
        return kind is IpcErrorKind.ArgumentNotEncoded or IpcErrorKind.SpawnFailed or IpcErrorKind.AddressUnavailable
            ? throw new IpcProtocolException(
                $"Expected a kind that can be the callee's in an Error, got {(int)kind}.")
            : kind;
    }
}
