using System.Diagnostics.CodeAnalysis;

namespace Multiprocess.Serialization;

/// <summary>The texts of what can be wrong with MessagePack bytes, and their throwing, kept out of the methods that are inlined.</summary>
internal static class MessagePackErrors
{
    [DoesNotReturn]
    public static void ThrowTruncated(int position, long needed, int available)
        => throw new MessagePackSerializationException($"The value at byte {position} takes {needed} bytes, but only {available} remain.");

    [DoesNotReturn]
    public static void ThrowUnexpected(string expected, int position, byte code)
        => throw new MessagePackSerializationException($"Expected {expected} at byte {position}, found {MessagePackCode.ToFormatName(code)} (0x{code:x2}).")
        {
            NilAt = code == MessagePackCode.Nil ? position : null,
        };

    [DoesNotReturn]
    public static void ThrowOutOfRange(string expected, int position, string found)
        => throw new MessagePackSerializationException($"Expected {expected} at byte {position}, found {found}.");

    [DoesNotReturn]
    public static void ThrowCountTooLarge(string kind, int position, long count, int available)
        => throw new MessagePackSerializationException($"The {kind} at byte {position} announces {count} elements, more than the {available} bytes that remain can hold.");

    [DoesNotReturn]
    public static void ThrowMalformedText(int position)
        => throw new MessagePackSerializationException($"The string at byte {position} is not valid UTF-8.");

    [DoesNotReturn]
    public static void ThrowLoneSurrogate()
        => throw new IpcException(IpcErrorKind.ArgumentNotEncoded, "The string has a surrogate without its partner, which UTF-8 cannot express.");

    [DoesNotReturn]
    public static void ThrowWrongCount(string type, int expected, int found)
        => throw new MessagePackSerializationException($"Expected an array of {expected} elements for {type}, found {found}.");

    [DoesNotReturn]
    public static void ThrowMalformed(string type, string reason, Exception? innerException = null)
        => throw new MessagePackSerializationException($"Not a valid {type}: {reason}.", innerException);

    [DoesNotReturn]
    public static void ThrowNil(string type)
        => throw new MessagePackSerializationException($"Expected {type}, found nil.") { NilAt = -1 };
}
