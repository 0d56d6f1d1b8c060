namespace Bitcoin.Node.Zmq;

/// <summary>One kind of message at one address.</summary>
/// <param name="Name">hashblock, hashtx, rawblock, rawtx or sequence.</param>
/// <param name="Address">The address, in ZeroMQ's form.</param>
/// <param name="HighWaterMark">
/// The maximum number of messages that wait for a subscriber; further ones are dropped. 0 for no limit.
/// </param>
internal sealed record ZmqTopic(string Name, string Address, int HighWaterMark)
{
    /// <summary>All kinds, in Bitcoin Core's order.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["hashblock", "hashtx", "rawblock", "rawtx", "sequence"];
}
