using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>The statistics of the coins after each block. Those of blocks that left the chain are kept.</summary>
/// <remarks>
/// The next block needs the hash of the set. It is kept for each of the last blocks and for every thousandth block, so
/// going back does not need the blocks that leave the chain. If more blocks than that leave the chain, the index goes
/// back to a thousandth block, and forward again.
/// </remarks>
internal sealed class StatisticsIndex : ChainIndex
{
    private const int KeptSets = 288;

    private const int Milestone = 1000;

    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS statistics (
            block BLOB PRIMARY KEY, muhash BLOB NOT NULL, coins INTEGER NOT NULL, bogosize INTEGER NOT NULL, amount INTEGER NOT NULL, unspendable INTEGER NOT NULL,
            spent INTEGER NOT NULL, coinbase INTEGER NOT NULL, created INTEGER NOT NULL, genesis INTEGER NOT NULL, duplicates INTEGER NOT NULL, scripts INTEGER NOT NULL, unclaimed INTEGER NOT NULL
        ) WITHOUT ROWID;
        DROP TABLE IF EXISTS coinset;
        CREATE TABLE IF NOT EXISTS coinsets (block BLOB PRIMARY KEY, height INTEGER NOT NULL, bits INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS coinsets_height ON coinsets (height);
        """;

    private readonly NetworkParameters _network;

    // The set after the best block; used by the follower's thread only.
    private MuHash _coins = new();
    private CoinSetStatistics? _last;

    // The best block's target, on which the next block's subsidy may depend.
    private uint _bits;

    internal StatisticsIndex(string path, NetworkParameters network)
        : base(path, Tables)
    {
        _network = network;
        if (!TryTakeUp(Best))
        {
            // The database is damaged, or has an older format.
            InTransaction(Clear);
        }
    }

    internal override string Name => IndexNames.Statistics;

    internal CoinSetStatistics? Find(uint256 block) => Read(() => Load(block));

    private protected override void Add(FoundBlock block, int height)
    {
        Changes changes = new(_coins, _last);
        long subsidy = _network.Currency.RewardAt(_network, height, _bits).Subsidy;
        if (height == 0)
        {
            changes.Lose(genesis: subsidy);
        }
        else
        {
            Count(block, height, subsidy, changes, _network);
        }

        _last = changes.Finish(subsidy);
        _bits = block.Data!.Header.Bits.ToCompact();
        Save(block.Hash, _last);
        Database.Run("DELETE FROM coinsets WHERE height = ?1 AND height % ?2 <> 0", height - KeptSets, Milestone);
        Database.Run(
            "INSERT OR REPLACE INTO coinsets VALUES (?1, ?2, ?3, ?4)",
            block.Hash.ToBytes(), height, (long)_bits, _coins.Save());
    }

    internal override IReadOnlyList<Position> ResumePoints(Position ancestor)
    {
        return Read(() => (IReadOnlyList<Position>)
        [
            .. Database.Query(
                "SELECT block, height FROM coinsets ORDER BY height DESC",
                static row => new Position(new uint256((byte[])row.GetValue(0)), row.GetInt32(1)))
                .Where(kept => kept.Height <= ancestor.Height),
        ]);
    }

    private protected override void RemoveAbove(Position ancestor)
    {
        if (!TryTakeUp(ancestor))
        {
            throw new InvalidDataException($"{Name}: there are no coins as of block {ancestor.Hash}.");
        }
    }

    private protected override void RemoveAll()
    {
        Database.Run("DELETE FROM statistics");
        Database.Run("DELETE FROM coinsets");
        _coins = new MuHash();
        _last = null;
        _bits = 0;
    }

    private protected override void Restore(Position? best) => TryTakeUp(best);

    private static void Count(
        FoundBlock block, int height, long subsidy, Changes changes, NetworkParameters network)
    {
        for (int i = 0; i < block.Data!.Transactions.Count; i++)
        {
            Transaction transaction = block.Data.Transactions[i];
            bool isCoinbase = i == 0;
            if (isCoinbase && network.OverwrittenCoinbases.GetValueOrDefault(height) == block.Hash)
            {
                changes.Lose(duplicates: subsidy);
                continue;
            }

            uint256 txid = transaction.GetHash();
            for (int n = 0; n < transaction.Outputs.Count; n++)
            {
                changes.Create(new OutPoint(txid, n), transaction.Outputs[n], height, isCoinbase);
            }

            for (int n = 0; n < transaction.Inputs.Count && !isCoinbase; n++)
            {
                changes.Spend(transaction.Inputs[n].PrevOut, block.Spent![i - 1][n]);
            }
        }
    }

    private bool TryTakeUp(Position? position)
    {
        if (position is null)
        {
            (_coins, _last, _bits) = (new MuHash(), null, 0);
            return true;
        }

        if (Database.First(
                "SELECT data, bits FROM coinsets WHERE block = ?1",
                static row => Tuple.Create((byte[])row.GetValue(0), (uint)row.GetInt64(1)),
                position.Hash.ToBytes()) is not { } set
            || Load(position.Hash) is not { } last)
        {
            return false;
        }

        (_coins, _last, _bits) = (MuHash.Load(set.Item1), last, set.Item2);
        return true;
    }

    private void Save(uint256 block, CoinSetStatistics value)
    {
        Database.Run(
            "INSERT OR REPLACE INTO statistics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            block.ToBytes(),
            value.MuHash.ToBytes(),
            value.Count,
            value.BogoSize,
            value.Amount.Satoshi,
            value.Unspendable.Satoshi,
            value.Spent.Satoshi,
            value.Coinbase.Satoshi,
            value.Created.Satoshi,
            value.Lost.Genesis.Satoshi,
            value.Lost.Duplicates.Satoshi,
            value.Lost.Scripts.Satoshi,
            value.Lost.Unclaimed.Satoshi);
    }

    private CoinSetStatistics? Load(uint256 block)
    {
        return Database.First("SELECT * FROM statistics WHERE block = ?1", static row => new CoinSetStatistics(
            new uint256((byte[])row.GetValue(1)),
            row.GetInt64(2),
            row.GetInt64(3),
            row.GetInt64(4),
            row.GetInt64(5),
            row.GetInt64(6),
            row.GetInt64(7),
            row.GetInt64(8),
            new LostAmounts(row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12))), block.ToBytes());
    }
}
