using System.Buffers;
using Bitcoin.Primitives;
using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>Helpers of the converters: each value is a byte string, which must be read completely.</summary>
internal static class Bytes
{
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
        => NetworkObject.Read(Read(ref reader, what), what, into);
}
