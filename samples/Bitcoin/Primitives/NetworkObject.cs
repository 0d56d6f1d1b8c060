using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>Reads objects of the chain in the form in which they cross the network.</summary>
public static class NetworkObject
{
    // No array of a valid block is larger, in bytes.
    private const int MaxArray = 4_000_000;

    /// <summary>Reads an object from bytes that hold nothing else. Thread-safe.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="what">The name of the object, for the error.</param>
    /// <param name="into">The empty object that is filled.</param>
    /// <returns><paramref name="into"/>.</returns>
    /// <exception cref="FormatException">The bytes are no such object, or there are bytes behind it.</exception>
    public static T Read<T>(byte[] bytes, string what, T into)
        where T : IBitcoinSerializable
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(into);
        BitcoinStream stream = new(bytes)
        {
            ConsensusFactory = Currency.Main.Network.Consensus.ConsensusFactory,
            MaxArraySize = MaxArray,
        };
        try
        {
            into.ReadWrite(stream);
        }
        catch (Exception exception) when (exception is IOException
            or ArgumentException
            or IndexOutOfRangeException
            or OverflowException
            or NullReferenceException)
        {
            throw new FormatException($"{what}: Expected a whole one, got {exception.Message}", exception);
        }

        return stream.Inner.Position == bytes.Length
            ? into
            : throw new FormatException(
                $"{what}: Expected {stream.Inner.Position:N0} bytes, got {bytes.Length:N0}.");
    }
}
