using System.Buffers.Binary;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

/// <summary>What the address book knows about an address. Guarded by its lock.</summary>
/// <param name="address">The address.</param>
/// <param name="source">The node that announced it.</param>
internal sealed class AddressEntry(NetAddress address, NetAddress source)
{
    private const int TriedBucketsPerGroup = 8;
    private const int NewBucketsPerSource = 64;
    private const long HorizonSeconds = 30L * 24 * 60 * 60;
    private const int MaxAttemptsWithoutSuccess = 3;
    private const int MaxFailures = 10;
    private const long MinFailureSeconds = 7L * 24 * 60 * 60;

    internal NetAddress Address => address;

    internal NetAddress Source => source;

    internal ulong Services { get; set; }

    /// <summary>When it was last seen, in seconds since 1970.</summary>
    internal long Time { get; set; }

    internal long LastTry { get; set; }

    internal long LastCountedTry { get; set; }

    internal long LastSuccess { get; set; }

    internal int Attempts { get; set; }

    /// <summary>The number of its positions in the new table.</summary>
    internal int References { get; set; }

    internal bool IsTried { get; set; }

    /// <summary>Its bucket in the tried table. The addresses of one owner share a few buckets.</summary>
    internal int TriedBucket(uint256 key, NetGroups groups)
    {
        ulong first = Cheap(key, Prefixed(address.Key));
        return (int)(
            Cheap(key, Prefixed(groups.Of(address)), Number(first % TriedBucketsPerGroup)) % AddressBook.TriedBuckets);
    }

    /// <summary>Its bucket in the new table. The addresses from one source share a few buckets.</summary>
    internal int NewBucket(uint256 key, NetGroups groups, NetAddress from)
    {
        byte[] source = Prefixed(groups.Of(from));
        ulong first = Cheap(key, Prefixed(groups.Of(address)), source);
        return (int)(Cheap(key, source, Number(first % NewBucketsPerSource)) % AddressBook.NewBuckets);
    }

    /// <summary>The position in a bucket.</summary>
    internal int Position(uint256 key, bool isNew, int bucket)
    {
        byte[] number = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, bucket);
        return (int)(
            Cheap(key, [isNew ? (byte)'N' : (byte)'K'], number, Prefixed(address.Key)) % AddressBook.BucketSize);
    }

    /// <summary>Whether it is not worth keeping.</summary>
    internal bool IsTerrible(long now)
    {
        const int Minute = 60;
        if (now - LastTry <= Minute)
        {
            return false;
        }

        return Time > now + (10 * Minute)
            || now - Time > HorizonSeconds
            || (LastSuccess == 0 && Attempts >= MaxAttemptsWithoutSuccess)
            || (now - LastSuccess > MinFailureSeconds && Attempts >= MaxFailures);
    }

    /// <summary>The relative chance to be chosen: lower if it failed, or was tried a short time ago.</summary>
    internal double Chance(long now)
    {
        const int RecentSeconds = 600;
        return (now - LastTry < RecentSeconds ? 0.01 : 1) * Math.Pow(0.66, Math.Min(Attempts, 8));
    }

    private static byte[] Prefixed(byte[] bytes) => [(byte)bytes.Length, .. bytes];

    private static byte[] Number(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private static ulong Cheap(uint256 key, params ReadOnlySpan<byte[]> parts)
    {
        List<byte> bytes = [.. key.ToBytes()];
        foreach (byte[] part in parts)
        {
            bytes.AddRange(part);
        }

        byte[] all = [.. bytes];
        return BinaryPrimitives.ReadUInt64LittleEndian(Hashes.DoubleSHA256RawBytes(all, 0, all.Length));
    }
}
