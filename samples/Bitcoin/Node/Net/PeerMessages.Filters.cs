using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

// Block filters for light clients (BIP157), from the index of filters.
internal sealed partial class PeerMessages
{
    private const byte BasicFilter = 0;
    private const int MaxFilters = 1000;
    private const int MaxFilterHeaders = 2000;
    private const int CheckpointStep = 1000;

    private void HandleGetFilters(Peer peer, byte[] payload)
    {
        if (!TryReadFilterRange(peer, payload, MaxFilters, out List<ChainBlock> blocks)
            || !TryFilters(blocks, out BlockFilter[] filters))
        {
            return;
        }

        for (int i = 0; i < filters.Length; i++)
        {
            peer.Send(
                "cfilter",
                new WireWriter().Byte(BasicFilter).Hash(blocks[i].Hash).Count(
                    filters[i].Data.Length).Bytes(filters[i].Data).ToArray());
        }
    }

    private void HandleGetFilterHeaders(Peer peer, byte[] payload)
    {
        if (!TryReadFilterRange(peer, payload, MaxFilterHeaders, out List<ChainBlock> blocks)
            || !TryFilters(blocks, out BlockFilter[] filters))
        {
            return;
        }

        uint256 previous = uint256.Zero;
        if (blocks[0].Previous is { } before)
        {
            if (!TryFilters([before], out BlockFilter[] earlier))
            {
                return;
            }

            previous = earlier[0].Header;
        }

        WireWriter writer = new WireWriter()
            .Byte(BasicFilter)
            .Hash(blocks[^1].Hash)
            .Hash(previous)
            .Count(filters.Length);
        foreach (BlockFilter filter in filters)
        {
            writer.Hash(Hashes.DoubleSHA256(filter.Data));
        }

        peer.Send("cfheaders", writer.ToArray());
    }

    private void HandleGetFilterCheckpoints(Peer peer, byte[] payload)
    {
        WireReader reader = new(payload);
        byte kind = reader.Byte();
        if (!TryFindStop(peer, kind, reader.Hash(), out ChainBlock? stop))
        {
            return;
        }

        List<ChainBlock> blocks = [];
        for (int height = CheckpointStep; height <= stop.Height; height += CheckpointStep)
        {
            blocks.Add(stop.Ancestor(height));
        }

        if (TryFilters(blocks, out BlockFilter[] filters))
        {
            WireWriter writer = new WireWriter().Byte(BasicFilter).Hash(stop.Hash).Count(filters.Length);
            foreach (BlockFilter filter in filters)
            {
                writer.Hash(filter.Header);
            }

            peer.Send("cfcheckpt", writer.ToArray());
        }
    }

    private bool TryReadFilterRange(Peer peer, byte[] payload, int most, out List<ChainBlock> blocks)
    {
        blocks = [];
        WireReader reader = new(payload);
        byte kind = reader.Byte();
        uint start = reader.UInt32();
        if (!TryFindStop(peer, kind, reader.Hash(), out ChainBlock? stop))
        {
            return false;
        }

        if (start > stop.Height)
        {
            _group.Disconnect(
                peer,
                $"peer sent invalid getcfilters/getcfheaders with start height {start} and stop height {stop.Height}");
            return false;
        }

        if (stop.Height - start >= most)
        {
            _group.Disconnect(peer, $"peer requested too many cfilters/cfheaders: {stop.Height - start + 1} / {most}");
            return false;
        }

        for (int height = (int)start; height <= stop.Height; height++)
        {
            blocks.Add(stop.Ancestor(height));
        }

        return true;
    }

    private bool TryFindStop(
        Peer peer, byte kind, uint256 hash, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ChainBlock? stop)
    {
        stop = null;
        if (kind != BasicFilter || (Services & NodeFilters) == 0)
        {
            _group.Disconnect(peer, $"peer requested unsupported block filter type: {kind}");
            return false;
        }

        stop = _node.Tree.Find(hash);
        if (stop is not null && MayServe(stop))
        {
            return true;
        }

        _group.Disconnect(peer, $"peer requested invalid block hash: {hash}");
        return false;
    }

    /// <summary>The filters of some blocks.</summary>
    /// <returns>False if one is missing: the index has not reached it, or its process is gone.</returns>
    private bool TryFilters(List<ChainBlock> blocks, out BlockFilter[] filters)
    {
        filters = [];
        try
        {
            BlockFilter?[] found = _node.Indexes!.GetFilters([.. blocks.Select(static block => block.Hash)]);
            filters = [.. found.OfType<BlockFilter>()];
        }
        catch (RpcException exception)
        {
            _log.Write("net", $"Filters: {exception.Message}");
            return false;
        }

        if (filters.Length < blocks.Count)
        {
            _log.Write(
                $"Failed to find block filter in index: filter_type=basic, block hashes up to {blocks[^1].Hash}");
        }

        return filters.Length == blocks.Count;
    }
}
