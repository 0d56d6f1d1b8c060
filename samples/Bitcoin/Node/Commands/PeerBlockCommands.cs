using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Requests blocks from a certain peer.</summary>
internal sealed class PeerBlockCommands(NodeContext node)
{
    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Blockchain");
        group.Add(
            "getblockfrompeer", "blockhash:text peer_id:number", "Attempt to fetch block from a given peer.", Get);
    }

    private JsonObject Get(RpcCall call)
    {
        ChainBlock block = node.Tree.Find(call.Hash(0, "blockhash"))
            ?? throw Inputs.Error(RpcErrorCode.Misc, "Block header missing");
        long id = call.Number(1);
        if (node.Tree.Prunes && block.Height > node.Tree.Tip.Height)
        {
            // A block that comes early may be stored in a file with much older blocks, which then cannot be pruned.
            throw Inputs.Error(
                RpcErrorCode.Misc,
                "In prune mode, only blocks that the node has already synced previously can be fetched from a peer");
        }

        if (node.Tree.HasData(block))
        {
            throw Inputs.Error(RpcErrorCode.Misc, "Block already downloaded");
        }

        string? error = node.Peers is { } peers
            ? peers.Messages.Fetch(peers.All.FirstOrDefault(peer => peer.Id == id), block)
            : "Peer does not exist";
        return error is null ? [] : throw Inputs.Error(RpcErrorCode.Misc, error);
    }
}
