using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods that find transactions of the past: a rescan, and proofs of pruned blocks.</summary>
internal sealed class RescanCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Of(
            "rescanblockchain",
            "start_height:number? stop_height:number?",
            "Rescan the local blockchain for wallet related transactions.",
            Rescan),
        rpc.Of("abortrescan", "", "Stops current wallet rescan triggered by an RPC call.", static (wallet, _) =>
        {
            if (!wallet.Scan.IsRunning || wallet.Scan.IsAborting)
            {
                return false;
            }

            wallet.Scan.Abort();
            return true;
        }),
        rpc.Held(
            "importprunedfunds",
            "rawtransaction:text txoutproof:text",
            "Imports funds without rescan. Corresponding address or script must previously be included in wallet.",
            ImportPruned),
        rpc.Held(
            "removeprunedfunds",
            "txid:text",
            $"(DEPRECATED) {Deprecation}\nDeletes the specified transaction from the wallet.",
            RemovePruned),
    ];

    private static string Deprecation
        => $"This feature will be removed in the next major release. Start {Currency.Names.Daemon} with the "
            + "`-deprecatedrpc=removeprunedfunds` option in order to use this.";

    private JsonObject Rescan(DescriptorWallet wallet, RpcCall call)
    {
        rpc.Sync(wallet);
        using IDisposable reservation = wallet.Scan.Reserve(needsKeys: true)
            ?? throw new RpcException(
                RpcErrorCode.Wallet, "Wallet is currently rescanning. Abort existing rescan or wait.");
        int start = call.Int(0);
        int? stop = call.Has(1) ? call.Int(1) : null;
        uint256 hash;
        lock (wallet.Gate)
        {
            WalletRpc.MustBeUnlocked(wallet);
            int tip = wallet.Ledger.Tip.Height;
            string? wrong = start < 0 || start > tip ? "Invalid start_height"
                : stop < 0 || stop > tip ? "Invalid stop_height"
                : stop < start ? "stop_height must be greater than start_height"
                : null;
            if (wrong is not null)
            {
                throw Args.Invalid(wrong);
            }

            if (rpc.Chain.GetPruneHeight() is { } pruned && pruned >= start)
            {
                throw new RpcException(
                    RpcErrorCode.Misc,
                    "Can't rescan beyond pruned data. Use RPC call getblockchaininfo to determine your pruned height.");
            }

            rpc.Chain.FindAncestorByHeight(wallet.Ledger.Tip.Hash, start, BlockParts.None, out FoundBlock? first);
            hash = first!.Hash;
        }

        RescanEnd end = wallet.Scan.Run(hash, start, stop);
        return end switch
        {
            RescanEnd.Failed
                => throw new RpcException(RpcErrorCode.Misc, "Rescan failed. Potentially corrupted data files."),
            RescanEnd.Aborted => throw new RpcException(RpcErrorCode.Misc, "Rescan aborted."),
            _ => new JsonObject { ["start_height"] = start, ["stop_height"] = wallet.Scan.LastHeight },
        };
    }

    private JsonNode? ImportPruned(DescriptorWallet wallet, RpcCall call)
    {
        Transaction transaction = rpc.Transaction(
            call.Text(0), "TX decode failed. Make sure the tx has at least one input.");
        MerkleBlock proof;
        try
        {
            proof = new MerkleBlock();
            proof.FromBytes(Args.Hex(call.Text(1)));
        }
        catch (Exception exception) when (exception is FormatException or EndOfStreamException or ArgumentException)
        {
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Something wrong with merkleblock");
        }

        uint256[] matched = [.. proof.PartialMerkleTree.GetMatchedTransactions()];
        if (!proof.PartialMerkleTree.Check(proof.Header.HashMerkleRoot))
        {
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Something wrong with merkleblock");
        }

        if (!rpc.Chain.FindBlock(
            proof.Header.GetHash(), BlockParts.Height | BlockParts.Active | BlockParts.Data, out FoundBlock? found)
            || found!.IsActive != true)
        {
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Block not found in chain");
        }

        uint256 id = transaction.GetHash();
        if (!matched.Contains(id))
        {
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Transaction given doesn't exist in proof");
        }

        int position = found.Data?.Transactions.FindIndex(one => one.GetHash() == id) ?? 0;
        return wallet.Watch.Sync(
            transaction, new TransactionState.Confirmed(found.Hash, found.Height!.Value, Math.Max(position, 0))) ? null
            : throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, "No addresses in wallet correspond to included transaction");
    }

    private JsonNode? RemovePruned(DescriptorWallet wallet, RpcCall call)
    {
        if (!rpc.Chain.GetSettingsList("deprecatedrpc").Contains("removeprunedfunds"))
        {
            throw new RpcException(RpcErrorCode.MethodDeprecated, $"DEPRECATION WARNING: {Deprecation}");
        }

        uint256 id = RpcValues.Hash(call.Params[0], "txid");
        wallet.Ledger.Remove(
        [
            wallet.Ledger.Find(id)
                ?? throw new RpcException(RpcErrorCode.Wallet, $"Transaction {id} does not belong to this wallet")
        ]);
        return null;
    }
}
