using Bitcoin.Chain.Storage;
using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>Imports the blocks of block files into a tree, in any order.</summary>
/// <remarks>
/// Bitcoin Core writes blocks in the order of their arrival, so a child may come before its parent, even in an earlier
/// file. Such a block waits until its parent has been accepted. Not thread-safe.
/// </remarks>
public sealed class BlockImporter
{
    /// <summary>The reason for bytes that are not a block, or not a complete one.</summary>
    public const string NotABlock = "not-a-block";

    /// <summary>
    /// The limit for blocks that wait for their parents, in bytes of the file. Bitcoin Core's files need a few
    /// megabytes.
    /// </summary>
    private const long MaxWaitingBytes = 256 * 1024 * 1024;

    private const int MaxRefusalsKept = 10;

    private readonly BlockTree _tree;
    private readonly Dictionary<uint256, List<Found>> _waiting = [];
    private readonly SortedDictionary<string, int> _refused = new(StringComparer.Ordinal);
    private readonly List<string> _firstRefusals = [];
    private long _waitingBytes;
    private int _taken;
    private int _duplicates;
    private long _skippedBytes;

    // The tree has the genesis block from the start. Its first copy, imported into an empty chain, counts as accepted,
    // so that a file of n blocks counts n.
    private bool _genesisCounts;

    /// <summary>Creates an importer for a tree.</summary>
    public BlockImporter(BlockTree tree)
    {
        _tree = tree;
        _genesisCounts = tree.Count == 1;
    }

    /// <summary>Imports the blocks of one file. May be called again with the next file.</summary>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; imported blocks stay.</exception>
    public void Import(string path, CancellationToken cancellationToken = default)
    {
        using FileStream stream = File.OpenRead(path);
        Import(stream, Path.GetFileName(path), cancellationToken);
    }

    /// <summary>Imports the blocks of a stream.</summary>
    /// <param name="stream">The blocks.</param>
    /// <param name="name">The name of the stream in the report.</param>
    /// <param name="cancellationToken">Checked between blocks.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; imported blocks stay.</exception>
    public void Import(Stream stream, string name, CancellationToken cancellationToken = default)
        => Import(stream, name, file: null, cancellationToken);

    /// <summary>Imports the blocks of a stream.</summary>
    /// <param name="stream">The blocks.</param>
    /// <param name="name">The name of the stream in the report.</param>
    /// <param name="file">
    /// The number of the tree's own block file that the stream reads: its blocks are not stored again.
    /// </param>
    /// <param name="cancellationToken">Checked between blocks.</param>
    internal void Import(Stream stream, string name, int? file, CancellationToken cancellationToken)
    {
        BlockFileReader reader = new(stream, _tree.Network);
        while (reader.TryRead(out BlockFrame frame))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string place = $"{name} at {frame.Offset}";
            if (frame.IsCutShort)
            {
                Refuse(NotABlock, place, $"Expected {frame.AnnouncedBytes} bytes, got {frame.Block.Length}");
                continue;
            }

            if (!_tree.TryParse(frame.Block.ToArray(), out Block? block))
            {
                Refuse(NotABlock, place, $"{frame.AnnouncedBytes} bytes that are no block");
                reader.Reconsider();
                continue;
            }

            BlockPosition? position = file is { } number
                ? new BlockPosition(number, frame.Offset + BlockFiles.HeaderBytes)
                : null;
            Offer(new Found(block, place, frame.AnnouncedBytes, position));
        }

        _skippedBytes += reader.SkippedBytes;
    }

    /// <summary>Imports the blocks of the tree's own files without storing them again.</summary>
    internal void Reindex(Action<int> begins, CancellationToken cancellationToken)
    {
        BlockFiles files = _tree.Files;
        foreach (int number in files.Existing())
        {
            begins(number);
            using Stream stream = files.OpenPlain(number);
            Import(stream, $"blk{number:00000}.dat", number, cancellationToken);
        }
    }

    /// <summary>Refuses the blocks whose parents never came, and returns the report.</summary>
    public ImportReport Complete()
    {
        foreach ((Block block, string place, _, _) in _waiting.Values.SelectMany(static list => list))
        {
            Refuse(AcceptResult.ParentNotFound, place, $"{block.GetHash()} follows {block.Header.HashPrevBlock}");
        }

        _waiting.Clear();
        _waitingBytes = 0;
        return new ImportReport(
            _taken, _duplicates, new Dictionary<string, int>(_refused), _skippedBytes, [.. _firstRefusals]);
    }

    private void Offer(Found found)
    {
        // A loop instead of recursion: a file in reverse order would need a stack as deep as the chain.
        Queue<Found> ready = new([found]);
        while (ready.TryDequeue(out Found? next))
        {
            AcceptResult result = _tree.AcceptBlock(
                next.Block, isRequested: true, out _, next.Position is { } position ? (position, next.Bytes) : null);
            switch (result.Refusal?.Reason)
            {
                case null:
                    _taken++;
                    break;
                case AcceptResult.Duplicate when _genesisCounts && result.Block!.Height == 0:
                    _genesisCounts = false;
                    _taken++;
                    break;
                case AcceptResult.Duplicate:
                    _duplicates++;
                    break;
                case AcceptResult.ParentNotFound when _waitingBytes + next.Bytes <= MaxWaitingBytes:
                    _tree.Log(
                        "reindex",
                        $"LoadExternalBlockFile: Out of order block {next.Block.GetHash()}, parent "
                            + $"{next.Block.Header.HashPrevBlock} not known");
                    Wait(next);
                    break;
                case string reason:
                    Refuse(reason, next.Place, $"{next.Block.GetHash()}: {result.Refusal!.Details}");
                    break;
            }

            if (result.Block is not null && _waiting.Remove(next.Block.GetHash(), out List<Found>? children))
            {
                _waitingBytes -= children.Sum(static child => (long)child.Bytes);
                foreach (Found child in children)
                {
                    _tree.Log(
                        "reindex",
                        $"LoadExternalBlockFile: Processing out of order child {child.Block.GetHash()} of "
                            + $"{next.Block.GetHash()}");
                    ready.Enqueue(child);
                }
            }
        }
    }

    private void Wait(Found found)
    {
        uint256 parent = found.Block.Header.HashPrevBlock;
        if (!_waiting.TryGetValue(parent, out List<Found>? siblings))
        {
            _waiting.Add(parent, siblings = []);
        }

        siblings.Add(found);
        _waitingBytes += found.Bytes;
    }

    private void Refuse(string reason, string place, string details)
    {
        _refused[reason] = _refused.GetValueOrDefault(reason) + 1;
        if (_firstRefusals.Count < MaxRefusalsKept)
        {
            _firstRefusals.Add($"{place}: {reason}: {details}");
        }
    }

    private sealed record Found(Block Block, string Place, int Bytes, BlockPosition? Position);
}
