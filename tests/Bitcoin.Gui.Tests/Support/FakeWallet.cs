using Bitcoin.Interfaces;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Gui.Tests.Support;

/// <summary>A wallet of a <see cref="FakeNode"/>.</summary>
internal sealed class FakeWallet(string name) : IWallet
{
    private readonly List<Action<WalletBalances>> _changed = [];
    private readonly List<Action> _unloaded = [];

    internal WalletBalances Balances { get; set; } = new(Money.Coins(12.5m), Money.Coins(50), Money.Coins(0.25m));

    public string GetWalletName() => name;

    public string GetNewDestination(string label) => "bcrt1qnew";

    public List<WalletAddress> GetAddresses() => [];

    public bool IsMine(Script script) => false;

    public WalletBalances GetBalances() => Balances;

    public bool TryGetBalances(out WalletBalances? balances, out uint256 tip)
    {
        balances = Balances;
        tip = uint256.Zero;
        return true;
    }

    public Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> ListCoins() => [];

    public Money GetMinimumFee(int bytes, int? confirmTarget, out int? returnedTarget, out string? reason)
    {
        returnedTarget = null;
        reason = null;
        return Money.Zero;
    }

    public PsbtError? FillPsbt(bool sign, ref PSBT psbt, out int? signed, out bool complete)
    {
        signed = null;
        complete = false;
        return null;
    }

    public bool IsEncrypted() => false;

    public bool IsLocked() => false;

    public bool EncryptWallet(SecretString passphrase) => false;

    public bool Unlock(SecretString passphrase, TimeSpan? time) => false;

    public bool Lock() => false;

    public bool ChangePassphrase(SecretString old, SecretString wanted) => false;

    public BlockTip GetLastBlock() => new(0, uint256.Zero, 0);

    public void Remove() => Unload();

    public IHandler HandleUnload(Action unloaded) => Handler.Of(_unloaded, unloaded);

    public IHandler HandleBalancesChanged(Action<WalletBalances> changed) => Handler.Of(_changed, changed);

    internal void Change(WalletBalances balances)
    {
        Balances = balances;
        _changed.ToList().ForEach(tell => tell(balances));
    }

    internal void Unload() => _unloaded.ToList().ForEach(static tell => tell());
}
