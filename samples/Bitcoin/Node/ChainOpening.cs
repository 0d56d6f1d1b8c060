using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Chain.Storage;
using Bitcoin.Hosting;

namespace Bitcoin.Node;

/// <summary>Opens the chain of a node at its start: reindexes, checks and imports blocks.</summary>
internal sealed class ChainOpening(NodeContext node, Settings settings)
{
    private readonly ChainOptions _options = new(settings);

    /// <summary>The directory of the block files. The caller locks it before <see cref="Open"/>.</summary>
    internal string BlocksDirectory => _options.BlocksDirectory;

    /// <summary>Logs options that have no effect, and the network of a custom signet.</summary>
    internal void LogOptions()
    {
        foreach (string name in NodeOptions.Undone(settings))
        {
            node.Log.Warn($"-{name} is not implemented and has no effect.");
        }

        if (_options.Network() is { SignetChallenge: not null } signet)
        {
            node.Log.Write($"Signet derived magic (message start): {Convert.ToHexStringLower(signet.Magic.Span)}");
        }
    }

    /// <summary>Opens the chain.</summary>
    /// <exception cref="HostException">The chain is damaged, or an option is wrong.</exception>
    /// <exception cref="OperationCanceledException">The node was asked to stop.</exception>
    internal void Open()
    {
        OpenTree();
        if (_options.Number("stopatheight", 0) is > 0 and <= int.MaxValue and long stopHeight)
        {
            node.Tree.Subscribe(new StopAtHeight(node, (int)stopHeight));
        }

        node.Tree.Subscribe(new UnknownRules(node));
        node.Tree.Subscribe(new LongFailedBranch(node));
        node.Assembler = _options.Assembler(node);
        node.MaxTipAge = _options.Time("maxtipage", 24 * 60 * 60, TimeSpan.FromSeconds(1));
        node.BlockVersion = settings.Last("blockversion") is null ? null : (int)_options.Number("blockversion", 0);
        node.Log.Write("initload thread start");
        Reindex();
        Verify((int)_options.Number("checkblocks", 6), (int)_options.Number("checklevel", 3));
        Import(settings.All("loadblock"));
        node.Tree.Activate();
        node.Log.Write("initload thread exit");
        if (node.Tree.Tip.Time > node.Clock.GetUtcNow().ToUnixTimeSeconds() + BlockRules.MaxFutureSeconds)
        {
            throw new HostException(
                "The block database contains a block which appears to be from the future. This may be due to your computer's date and time being set incorrectly. "
                    + "Only rebuild the block database if you are sure that your computer's date and time are correct.\nPlease restart with -reindex or -reindex-chainstate to recover.")
            {
                IsQuestion = true
            };
        }

        node.Log.Write($"Loaded the chain: the tip is block {node.Tree.Tip.Height}: {node.Tree.Tip.Hash}");
        if (settings.IsOn("stopafterblockimport"))
        {
            node.Log.Write("Stopping after block import");
            node.RequestStop();
        }
    }

    /// <summary>Opens the chain's files. If a test allows it, damaged files are built again at once.</summary>
    private void OpenTree()
    {
        const string Recovery = "\nPlease restart with -reindex or -reindex-chainstate to recover.";
        TreeOptions tree = _options.Tree(
            node.Stopping,
            (category, text) => node.Log.Write(category.Length == 0 ? null : category, text),
            node.Fail);
        try
        {
            node.Open(_options.Network(), tree, _options.Pool());
        }
        catch (DamagedIndexException exception)
        {
            if (!settings.All("test").Contains("reindex_after_failure_noninteractive_yes"))
            {
                throw new HostException(exception.Message + Recovery) { IsQuestion = true };
            }

            node.Open(_options.Network(), tree with { Reindexes = true }, _options.Pool());
        }

        if (!node.Tree.MustReindex && node.Tree.LacksWitnesses)
        {
            throw new HostException(
                $"Witness data for blocks after height {node.Tree.Network.SegwitHeight} requires validation. Please "
                    + $"restart with -reindex.."
                    + Recovery)
            {
                IsQuestion = true,
            };
        }
    }

    /// <summary>Checks that the last blocks are stored and complete.</summary>
    private void Verify(int blocks, int level)
    {
        if (node.Tree.Tip.Height > 0 && !node.Tree.Verify(level, blocks))
        {
            throw new HostException(
                "Corrupted block database detected.\nPlease restart with -reindex or -reindex-chainstate to recover.")
            {
                IsQuestion = true,
            };
        }
    }

    /// <summary>Builds the index from the block files.</summary>
    private void Reindex()
    {
        if (!node.Tree.MustReindex)
        {
            return;
        }

        BlockImporter importer = new(node.Tree);
        importer.Reindex(number => node.Log.Write($"Reindexing block file blk{number:00000}.dat..."), node.Stopping);
        node.Log.Write($"Reindexing finished: {importer.Complete()}");
        node.Tree.EndReindex();
    }

    private void Import(IReadOnlyList<string> files)
    {
        BlockImporter importer = new(node.Tree);
        foreach (string file in files)
        {
            node.Log.Write($"Importing blocks file {file}...");
            importer.Import(file, node.Stopping);
        }

        if (files.Count > 0)
        {
            ImportReport report = importer.Complete();
            node.Log.Write($"Loaded blocks: {report}");
            foreach (string refusal in report.FirstRefusals)
            {
                node.Log.Write($"  refused: {refusal}");
            }
        }
    }
}
