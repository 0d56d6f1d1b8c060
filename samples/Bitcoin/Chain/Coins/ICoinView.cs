using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>Looks up unspent outputs.</summary>
internal interface ICoinView
{
    UnspentCoin? Find(OutPoint id);
}
