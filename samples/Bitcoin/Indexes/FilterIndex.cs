using Bitcoin.Interfaces;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Indexes;

/// <summary>
/// The basic filter of each block (BIP158), and the headers that chain the filters. Filters of blocks that left the
/// chain are kept.
/// </summary>
internal sealed class FilterIndex(string path) : ChainIndex(path, Tables)
{
    private const string Tables =
        "CREATE TABLE IF NOT EXISTS filter (block BLOB PRIMARY KEY, data BLOB NOT NULL, header BLOB NOT NULL) WITHOUT "
            + "ROWID;";

    internal override string Name => IndexNames.BasicFilters;

    internal BlockFilter? Find(uint256 block)
    {
        byte[] key = block.ToBytes();
        return Read(
            () => Database.Scalar(
                "SELECT data FROM filter WHERE block = ?1",
                key) is byte[] data && Header(key) is { } header ? new BlockFilter(data, header) : null);
    }

    /// <summary>Computes the filter of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="spent">The scripts of the outputs that its transactions spent.</param>
    internal static byte[] Build(Block block, uint256 hash, IEnumerable<Script> spent)
    {
        IEnumerable<Script> made = block.Transactions
            .SelectMany(static transaction => transaction.Outputs)
            .Select(static output => output.ScriptPubKey)
            .Where(static script => !IsData(script));
        GolombRiceFilterBuilder builder = new GolombRiceFilterBuilder().SetKey(hash);
        foreach (Script script in made.Concat(spent).Where(static script => script.Length > 0))
        {
            builder.AddScriptPubkey(script);
        }

        return builder.Build().ToBytes();
    }

    /// <summary>The header of a filter: the hash of the filter's hash and of the previous header.</summary>
    internal static uint256 HeaderOf(byte[] filter, uint256 previous)
        => Hashes.DoubleSHA256([.. Hashes.DoubleSHA256(filter).ToBytes(), .. previous.ToBytes()]);

    private protected override void Add(FoundBlock block, int height)
    {
        uint256 previous = height == 0 ? uint256.Zero
            : Header(block.Data!.Header.HashPrevBlock.ToBytes())
                ?? throw new InvalidDataException(
                    $"{Name}: there is no header of the filter before block {block.Hash}.");
        byte[] data = Build(
            block.Data!,
            block.Hash,
            block.Spent!.SelectMany(static coins => coins).Select(static coin => coin.Output.ScriptPubKey));
        Database.Run(
            "INSERT OR REPLACE INTO filter VALUES (?1, ?2, ?3)",
            block.Hash.ToBytes(),
            data,
            HeaderOf(data, previous).ToBytes());
    }

    private protected override void RemoveAbove(Position ancestor)
    {
    }

    private protected override void RemoveAll() => Database.Run("DELETE FROM filter");

    private uint256? Header(byte[] block)
        => Database.Scalar("SELECT header FROM filter WHERE block = ?1", block) is byte[] bytes
            ? new uint256(bytes)
            : null;

    private static bool IsData(Script script)
        => script.Length > 0 && script.ToBytes(@unsafe: true)[0] == (byte)OpcodeType.OP_RETURN;
}
