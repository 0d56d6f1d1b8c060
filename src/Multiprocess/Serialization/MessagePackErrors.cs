using System.Diagnostics.CodeAnalysis;

namespace Multiprocess.Serialization;

/// <summary>
/// Throws the exceptions for invalid MessagePack bytes. Their texts are here, so that they are not part of inlined
/// methods.
/// </summary>
internal static class MessagePackErrors
{
    [DoesNotReturn]
    public static void ThrowOutOfRange(string expected, long position, string found)
        => throw new IpcProtocolException(
            $"Expected {expected} at byte {position}, got {found}.") { At = (int)position };

    [DoesNotReturn]
    public static void ThrowMalformedText(long position)
        => throw new IpcProtocolException($"The string at byte {position} is not valid UTF-8.") { At = (int)position };

    [DoesNotReturn]
    public static void ThrowLoneSurrogate()
        => throw new IpcException(
            IpcErrorKind.ArgumentNotEncoded,
            "String: Expected text that UTF-8 can express, got half of a surrogate pair.");

    [DoesNotReturn]
    public static void ThrowWrongCount(string type, int expected, int found)
        => throw new IpcProtocolException(
            $"Expected an array of {expected} elements for {type}, got {found}.") { At = -1 };

    [DoesNotReturn]
    public static void ThrowMalformed(string type, string reason, Exception? innerException = null)
        => throw new IpcProtocolException($"Not a valid {type}: {reason}.", innerException) { At = -1 };

    [DoesNotReturn]
    public static void ThrowNil(string type)
        => throw new IpcProtocolException($"Expected {type}, got nil.") { At = -1, IsNil = true };
}
