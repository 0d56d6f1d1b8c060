using Dash.Hashes;
using NBitcoin;
using NBitcoin.Crypto;

namespace Dash;

/// <summary>Makes Dash's headers, blocks and transactions, wherever NBitcoin reads one.</summary>
internal sealed class DashConsensusFactory : ConsensusFactory
{
    internal static DashConsensusFactory Instance { get; } = new();

#pragma warning disable CS0618 // The constructors are marked as obsolete for all but factories.
    public override BlockHeader CreateBlockHeader() => new Header();

    public override NBitcoin.Block CreateBlock() => new Block();

    public override Transaction CreateTransaction() => new DashTransaction();

    /// <summary>A header: its hash is X11.</summary>
    private sealed class Header : BlockHeader
    {
        protected override HashStreamBase CreateHashStream()
            => BufferedHashStream.CreateFrom(
                static (data, offset, count) => X11.Hash(data.AsSpan(offset, count)), Size);
    }

    private sealed class Block() : NBitcoin.Block(new Header())
    {
        public override ConsensusFactory GetConsensusFactory() => Instance;
    }
#pragma warning restore CS0618
}
