using System.Buffers.Binary;
using System.Security.Cryptography;
using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>Counts coins, and hashes them all.</summary>
/// <param name="hashType">hash_serialized_3, muhash, or none.</param>
internal sealed class CoinStatistics(string hashType)
{
    private const int EntryBytes = 32 + 4 + 4 + 8 + 2;

    private readonly IncrementalHash _serialized = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MuHash _multiset = new();
    private uint256? _last;

    internal long Count { get; private set; }

    internal long Transactions { get; private set; }

    internal long Amount { get; private set; }

    internal long BogoSize { get; private set; }

    internal static long SizeOf(UnspentCoin coin) => EntryBytes + coin.Script.Length;

    internal static byte[] Serialize(OutPoint id, UnspentCoin coin)
    {
        Span<byte> numbers = stackalloc byte[sizeof(uint) + sizeof(long)];
        BinaryPrimitives.WriteUInt32LittleEndian(numbers, ((uint)coin.Height << 1) + (coin.IsCoinbase ? 1u : 0u));
        BinaryPrimitives.WriteInt64LittleEndian(numbers[sizeof(uint)..], coin.Value);
        return [.. id.ToBytes(), .. numbers, .. Length(coin.Script.Length), .. coin.Script.ToBytes(@unsafe: true)];
    }

    /// <summary>Adds a coin; all of a transaction's come together.</summary>
    internal void Add(OutPoint id, UnspentCoin coin)
    {
        Count++;
        Transactions += _last == id.Hash ? 0 : 1;
        _last = id.Hash;
        Amount += coin.Value;
        BogoSize += SizeOf(coin);
        if (hashType == "hash_serialized_3")
        {
            _serialized.AppendData(Serialize(id, coin));
        }
        else if (hashType == "muhash")
        {
            _multiset.Insert(Serialize(id, coin));
        }
    }

    internal string? Hash() => hashType switch
    {
        "hash_serialized_3" => new uint256(SHA256.HashData(_serialized.GetCurrentHash())).ToString(),
        "muhash" => _multiset.Hash().ToString(),
        _ => null,
    };

    private static byte[] Length(int length) => length < 253 ? [(byte)length] : length <= 0xffff ? [253, (byte)length, (byte)(length >> 8)] : [254, (byte)length, (byte)(length >> 8), (byte)(length >> 16), (byte)(length >> 24)];
}
