namespace Bitcoin.Node.Net.Transport;

/// <summary>The form of the messages of a connection.</summary>
/// <remarks>One thread writes and one reads; they may do so at the same time.</remarks>
internal interface IPeerTransport : IDisposable
{
    /// <summary>The bytes of a message. They must be sent in the order of the calls.</summary>
    byte[] Write(string name, byte[] payload);

    /// <summary>Reads the next message.</summary>
    /// <returns>The message; null at the end, and if what came is no message.</returns>
    Task<ReceivedMessage?> Read();
}
