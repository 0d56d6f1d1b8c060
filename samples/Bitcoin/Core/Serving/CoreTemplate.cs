using Multiprocess.CapnProto.Rpc;
using NBitcoin;

namespace Bitcoin.Core.Serving;

/// <summary>A block template of this sample, for clients of Bitcoin Core.</summary>
internal sealed class CoreTemplate(Interfaces.IBlockTemplate template) : IBlockTemplate
{
    public byte[] GetBlockHeader() => template.GetBlockHeader().ToBytes();

    public byte[] GetBlock() => template.GetBlock().ToBytes();

    public long[] GetTxFees() => [.. template.GetTxFees().Select(static fee => fee.Satoshi)];

    public long[] GetTxSigops() => template.GetTxSigOps();

    public CoinbaseTx GetCoinbaseTx()
    {
        Transaction coinbase = template.GetCoinbaseTx();
        TxIn input = coinbase.Inputs[0];
        return new()
        {
            Version = coinbase.Version,
            Sequence = input.Sequence.Value,

            // What follows the height is for the miner to choose.
            ScriptSigPrefix = input.ScriptSig.ToOps().First().ToBytes(),
            Witness = input.WitScript.PushCount > 0 ? input.WitScript.GetUnsafePush(0) : null,
            BlockRewardRemaining = coinbase.Outputs.Sum(static output => output.Value.Satoshi),
            RequiredOutputs =
                [
                    .. coinbase.Outputs.Where(static output => output.Value == Money.Zero)
                        .Select(static output => output.ToBytes()),
                ],
            LockTime = coinbase.LockTime.Value,
        };
    }

    public byte[][] GetCoinbaseMerklePath()
        => [.. template.GetCoinbaseMerklePath().Select(static hash => hash.ToBytes())];

    public bool SubmitSolution(
        uint version, uint timestamp, uint nonce, byte[] coinbase, out string reason, out string debug)
    {
        if (coinbase.Length == 0)
        {
            reason = debug = "";
            return false;
        }

        return template.SubmitSolution(
            version, timestamp, nonce, NetworkBytes.Transaction(coinbase), out reason, out debug);
    }

    public IBlockTemplate? WaitNext(BlockWaitOptions options, CancellationToken cancellationToken = default)
        => template.WaitNextOrFees(
            NetworkBytes.Time(options.Timeout),
            options.FeeThreshold >= BlockWaitOptions.MaxMoney ? null : Money.Satoshis(options.FeeThreshold),
            cancellationToken) is { } next
            ? new CoreTemplate(next)
            : null;

    public void InterruptWait() => template.InterruptWait();

    public bool SubmitSolutionWithoutReason(uint version, uint timestamp, uint nonce, byte[] coinbase)
        => throw new CapnpException(
            CapnpExceptionType.Failed,
            "BlockTemplate.submitSolution: Expected ordinal 10, got 7, which is not supported any more. Update the "
                + "client.");

    public void Dispose() => template.Dispose();
}
