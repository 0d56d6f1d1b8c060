using NBitcoin;

namespace Bitcoin.Core.Serving;

/// <summary>The interface for miners of this sample, for clients of Bitcoin Core.</summary>
internal sealed class CoreMining(Interfaces.IMining mining) : IMining
{
    public bool IsTestChain() => mining.IsTestChain();

    public bool IsInitialBlockDownload() => mining.IsInitialBlockDownload();

    public BlockRef? GetTip() => Ref(mining.GetTip());

    public BlockRef? WaitTipChanged(byte[] currentTip, double timeout, CancellationToken cancellationToken = default)
        => Ref(mining.WaitTipChanged(
            NetworkBytes.Hash(currentTip, "CurrentTip"), NetworkBytes.Time(timeout), cancellationToken));

    public IBlockTemplate? CreateNewBlock(
        BlockCreateOptions options, bool cooldown, CancellationToken cancellationToken = default)
    {
        Interfaces.BlockCreateOptions made = new(
            UseMempool: options.UseMempool,
            ReservedWeight: NetworkBytes.Number(options.BlockReservedWeight),
            CoinbaseSigOps: NetworkBytes.Number(options.CoinbaseOutputMaxAdditionalSigops));
        return (cooldown ? mining.CreateBlockWhenReady(made, cancellationToken) : mining.CreateNewBlock(made))
            is { } template
            ? new CoreTemplate(template)
            : null;
    }

    public bool CheckBlock(byte[] block, BlockCheckOptions options, out string reason, out string debug)
    {
        Block parsed = NetworkBytes.Block(block);
        if (!options.CheckMerkleRoot)
        {
            // The node always checks it. The work is that of the header as it came.
            if (options.CheckPow && !parsed.CheckProofOfWork())
            {
                reason = "high-hash";
                debug = "proof of work failed";
                return false;
            }

            parsed.UpdateMerkleRoot();
        }

        return mining.CheckBlock(parsed, options.CheckPow && options.CheckMerkleRoot, out reason, out debug);
    }

    public void Interrupt() => mining.Interrupt();

    public bool SubmitBlock(byte[] block, out string reason, out string debug)
        => mining.SubmitBlock(NetworkBytes.Block(block), out reason, out debug);

    public byte[][] GetTransactionsByTxId(byte[][] txids)
        => NetworkBytes.Of(mining.GetTransactionsByTxId(NetworkBytes.Hashes(txids)));

    public byte[][] GetTransactionsByWitnessId(byte[][] wtxids)
        => NetworkBytes.Of(mining.GetTransactionsByWitnessId(NetworkBytes.Hashes(wtxids)));

    private static BlockRef? Ref(Interfaces.BlockTip? tip) => tip is null ? null : new(tip.Hash.ToBytes(), tip.Height);
}
