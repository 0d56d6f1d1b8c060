using System.Security.Cryptography;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>Counts coins, and hashes all of them.</summary>
/// <param name="hashType">hash_serialized_3, muhash, or none.</param>
internal sealed class CoinStatistics(string hashType)
{
    private readonly IncrementalHash _serialized = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MuHash _multiset = new();
    private uint256? _last;

    internal long Count { get; private set; }

    internal long Transactions { get; private set; }

    internal long Amount { get; private set; }

    internal long BogoSize { get; private set; }

    /// <summary>Adds a coin. All coins of a transaction must be added in a row.</summary>
    internal void Add(OutPoint id, UnspentCoin coin)
    {
        Count++;
        Transactions += _last == id.Hash ? 0 : 1;
        _last = id.Hash;
        Amount += coin.Value;
        BogoSize += HashedCoin.SizeOf(coin.Script);
        if (hashType == "hash_serialized_3")
        {
            _serialized.AppendData(HashedCoin.Serialize(id, coin.ToOutput(), coin.Height, coin.IsCoinbase));
        }
        else if (hashType == "muhash")
        {
            _multiset.Insert(HashedCoin.Serialize(id, coin.ToOutput(), coin.Height, coin.IsCoinbase));
        }
    }

    internal string? Hash() => hashType switch
    {
        "hash_serialized_3" => new uint256(SHA256.HashData(_serialized.GetCurrentHash())).ToString(),
        "muhash" => _multiset.Hash().ToString(),
        _ => null,
    };
}
