namespace Multiprocess.Serialization;

/// <summary>Bytes that are not the MessagePack that was expected: truncated, of another type, out of range, or too deep.</summary>
public sealed class MessagePackSerializationException : IpcProtocolException
{
    /// <summary>Creates the exception; the message says what was expected and what came.</summary>
    public MessagePackSerializationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
