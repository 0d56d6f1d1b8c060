using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Core.Serving;

/// <summary>Values as they are on the network, which is how they cross.</summary>
internal static class NetworkBytes
{
    private const int HashLength = 32;

    public static Block Block(byte[] bytes)
        => NetworkObject.Read(bytes, "Block", Currency.Main.Network.Consensus.ConsensusFactory.CreateBlock());

    public static Transaction Transaction(byte[] bytes)
        => NetworkObject.Read(bytes, "Transaction", Currency.Main.Network.CreateTransaction());

    public static uint256 Hash(byte[] bytes, string name) => bytes.Length == HashLength
        ? new uint256(bytes)
        : throw new FormatException($"{name}: Expected {HashLength} bytes, got {bytes.Length:N0}.");

    public static uint256[] Hashes(byte[][] all) => [.. all.Select(static each => Hash(each, "Hash"))];

    public static byte[][] Of(Transaction?[] transactions)
        => [.. transactions.Select(static transaction => transaction?.ToBytes() ?? [])];

    /// <summary>A time in milliseconds; too long ones are without limit.</summary>
    public static TimeSpan Time(double milliseconds) => milliseconds is >= 0 and < int.MaxValue
        ? TimeSpan.FromMilliseconds(milliseconds)
        : milliseconds < 0 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan;

    /// <summary>A number whose range the node checks.</summary>
    public static int Number(ulong value) => (int)Math.Min(value, int.MaxValue);
}
