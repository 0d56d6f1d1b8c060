namespace Bitcoin.Node.Net.Transport;

/// <summary>A message as it was received.</summary>
/// <param name="Name">The name; empty if it is not valid.</param>
/// <param name="Payload">The payload; null if the message is to be skipped.</param>
/// <param name="Bytes">How many bytes were received for it.</param>
internal readonly record struct ReceivedMessage(string Name, byte[]? Payload, int Bytes);
