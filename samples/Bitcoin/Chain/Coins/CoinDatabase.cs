using System.Buffers.Binary;
using System.Globalization;
using Bitcoin.Chain.Storage;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>
/// The unspent outputs as of the last flush, and the block that they belong to.
/// </summary>
internal sealed class CoinDatabase : IDisposable
{
    private const int KeyBytes = 36;

    private readonly Database _database;

    internal CoinDatabase(string? path)
    {
        _database = new Database(path);
        _database.Execute(
            """
            CREATE TABLE IF NOT EXISTS coin (id BLOB PRIMARY KEY, coin BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            """);
        Best = _database.Scalar("SELECT value FROM state WHERE name = 'best'") is string best
            ? uint256.Parse(best)
            : null;
        BestHeight = _database.Scalar("SELECT value FROM state WHERE name = 'height'") is string height
            ? int.Parse(height, CultureInfo.InvariantCulture)
            : -1;
    }

    internal uint256? Best { get; private set; }

    internal int BestHeight { get; private set; }

    public void Dispose() => _database.Dispose();

    internal UnspentCoin? Find(OutPoint id)
    {
        return BestHeight >= 0 && _database.Scalar("SELECT coin FROM coin WHERE id = ?1", KeyOf(id)) is byte[] bytes
            ? CoinCodec.Read(bytes)
            : null;
    }

    internal void Write(IEnumerable<KeyValuePair<OutPoint, UnspentCoin?>> changes, uint256 best, int height)
    {
        _database.InTransaction(() =>
        {
            foreach ((OutPoint id, UnspentCoin? coin) in changes)
            {
                if (coin is null)
                {
                    _database.Run("DELETE FROM coin WHERE id = ?1", KeyOf(id));
                }
                else
                {
                    _database.Run("INSERT OR REPLACE INTO coin VALUES (?1, ?2)", KeyOf(id), CoinCodec.Write(coin));
                }
            }

            _database.Run("INSERT OR REPLACE INTO state VALUES ('best', ?1)", best.ToString());
            _database.Run(
                "INSERT OR REPLACE INTO state VALUES ('height', ?1)", height.ToString(CultureInfo.InvariantCulture));
        });
        _database.Flush();
        Best = best;
        BestHeight = height;
    }

    internal IEnumerable<(OutPoint Id, UnspentCoin Coin)> All()
    {
        return _database.Query("SELECT id, coin FROM coin ORDER BY id", static row =>
        {
            byte[] key = (byte[])row.GetValue(0);
            OutPoint id = new(new uint256(key[..32]), BinaryPrimitives.ReadUInt32BigEndian(key.AsSpan(32)));
            return (id, CoinCodec.Read((byte[])row.GetValue(1)));
        });
    }

    /// <summary>
    /// The output's index has its highest byte first, so that the outputs of a transaction are in order.
    /// </summary>
    private static byte[] KeyOf(OutPoint id)
    {
        byte[] key = new byte[KeyBytes];
        id.Hash.ToBytes(key.AsSpan(0, 32));
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(32), id.N);
        return key;
    }
}
