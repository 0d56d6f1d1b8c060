using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>Exceptions in messages.</summary>
internal static class Exceptions
{
    /// <summary>The longest text, in characters, so that a peer cannot fill this side's log.</summary>
    private const int MaxText = 16 * 1024;

    public static void Write(CapnpPointerBuilder pointer, Exception exception)
    {
        CapnpStructBuilder written = pointer.InitStruct(RpcFormat.Exception);
        string text = exception.Message.Length <= MaxText ? exception.Message : exception.Message[..MaxText];
        try
        {
            written.Pointer(0).WriteText(text);
        }
        catch (ArgumentException)
        {
            // Replaces half of a surrogate pair by the replacement character, as a text decoder would.
            written.Pointer(0).WriteText(string.Concat(text.EnumerateRunes()));
        }

        written.WriteUInt16(2, (ushort)CapnpException.TypeOf(exception));
    }

    /// <exception cref="IpcProtocolException">The exception is malformed.</exception>
    public static CapnpException Read(CapnpPointerReader pointer)
    {
        CapnpStructReader read = pointer.ReadStruct();
        string text = System.Text.Encoding.UTF8.GetString(read.Pointer(0).ReadTextBytes());
        ushort type = read.ReadUInt16(2);
        return new(
            type <= (ushort)CapnpExceptionType.Unimplemented ? (CapnpExceptionType)type : CapnpExceptionType.Failed,
            text.Length <= MaxText ? text : text[..MaxText]);
    }
}
