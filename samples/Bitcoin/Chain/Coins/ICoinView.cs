using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>Where unspent outputs are looked up.</summary>
internal interface ICoinView
{
    UnspentCoin? Find(OutPoint id);
}
