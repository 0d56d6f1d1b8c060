using System.Buffers;
using Bitcoin.Primitives;
using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>Helpers of the converters: each value is a byte string, which must be read completely.</summary>
internal static class Bytes
{
    private const int MaxArray = 4_000_000;

    internal static byte[] Read(ref MessagePackReader reader, string what)
    {
        return reader.ReadBytes() is { } bytes
            ? bytes.ToArray()
            : throw new FormatException($"{what}: Expected bytes, got nothing.");
    }

    internal static byte[] Read(ref MessagePackReader reader, string what, int length)
    {
        byte[] bytes = Read(ref reader, what);
        return bytes.Length == length
            ? bytes
            : throw new FormatException($"{what}: Expected {length} bytes, got {bytes.Length}.");
    }

    /// <summary>Reads an object that NBitcoin serialised, and checks that no byte is left.</summary>
    internal static T Read<T>(ref MessagePackReader reader, string what, T into)
        where T : IBitcoinSerializable
    {
        byte[] bytes = Read(ref reader, what);
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
            throw new FormatException($"{what}: {exception.Message}", exception);
        }

        return stream.Inner.Position == bytes.Length
            ? into
            : throw new FormatException($"{what}: {bytes.Length - stream.Inner.Position} bytes too many.");
    }
}
