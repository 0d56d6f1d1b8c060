namespace Bitcoin.Node.Zmq;

/// <summary>One kind of message at one address.</summary>
/// <param name="Name">hashblock, hashtx, rawblock, rawtx or sequence.</param>
/// <param name="Address">Where it is published, as ZeroMQ writes addresses.</param>
/// <param name="HighWaterMark">How many messages wait for a subscriber before more are dropped; 0 for no bound.</param>
internal sealed record ZmqTopic(string Name, string Address, int HighWaterMark)
{
    /// <summary>All kinds there are, in the order in which Bitcoin Core has them.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["hashblock", "hashtx", "rawblock", "rawtx", "sequence"];
}
