using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Spending;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>A wallet as user interfaces and other processes call it.</summary>
internal sealed class WalletInterface(DescriptorWallet wallet) : IWallet
{
    private const long MaxUnlockSeconds = 100_000_000;

    private readonly Listeners<DescriptorWallet> _unload = new();
    private readonly Listeners<WalletBalances> _balances = new();

    internal void TellUnloaded() => _unload.Tell(wallet);

    internal void TellBalances() => _balances.Tell(GetBalances());

    /// <inheritdoc/>
    public string GetWalletName() => wallet.Name;

    /// <inheritdoc/>
    public string GetNewDestination(string label)
    {
        lock (wallet.Gate)
        {
            return label == "*"
                ? throw new RpcException(RpcErrorCode.WalletInvalidLabelName, "Invalid label name")
                : wallet.NewAddress(wallet.Options.AddressType, label, isInternal: false);
        }
    }

    /// <inheritdoc/>
    public List<WalletAddress> GetAddresses()
    {
        lock (wallet.Gate)
        {
            return
            [
                .. wallet.Book.Entries.Where(entry => !entry.Value.IsChange && wallet.Keys.IsMine(entry.Key)).Select(
                    entry => new WalletAddress(Address.Format(entry.Key, wallet.Network)!, entry.Value.Label!)),
            ];
        }
    }

    /// <inheritdoc/>
    public bool IsMine(Script script)
    {
        lock (wallet.Gate)
        {
            return wallet.Keys.IsMine(script);
        }
    }

    /// <inheritdoc/>
    public WalletBalances GetBalances()
    {
        lock (wallet.Gate)
        {
            return BalancesLocked();
        }
    }

    /// <inheritdoc/>
    public bool TryGetBalances(out WalletBalances? balances, out uint256 tip)
    {
        balances = null;
        tip = uint256.Zero;
        if (!Monitor.TryEnter(wallet.Gate))
        {
            return false;
        }

        try
        {
            balances = BalancesLocked();
            tip = wallet.Ledger.Tip.Hash;
            return true;
        }
        finally
        {
            Monitor.Exit(wallet.Gate);
        }
    }

    /// <inheritdoc/>
    public Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> ListCoins()
    {
        lock (wallet.Gate)
        {
            return wallet.Ledger.Outputs
                .Where(pair => !wallet.Ledger.IsSpent(pair.Key)
                    && wallet.Ledger.DepthOf(pair.Value) >= 0
                    && !pair.Value.IsAbandoned)
                .GroupBy(pair => pair.Value.Transaction.Outputs[(int)pair.Key.N].ScriptPubKey)
                .ToDictionary(
                    group => Destination(group.Key),
                    group => group.Select(pair => (pair.Key, Coin(pair.Key, pair.Value))).ToList());
        }
    }

    /// <inheritdoc/>
    public Money GetMinimumFee(int bytes, int? confirmTarget, out int? returnedTarget, out string? reason)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ChosenRate rate = wallet.Maker.Fees.Choose(new CoinControl { Target = confirmTarget });
        returnedTarget = rate.Target;
        reason = rate.Reason;
        return Money.Satoshis(rate.Rate.For(bytes));
    }

    /// <inheritdoc/>
    public PsbtError? FillPsbt(bool sign, ref PSBT psbt, out int? signed, out bool complete)
    {
        lock (wallet.Gate)
        {
            signed = null;
            if (sign && (!wallet.HasPrivateKeys || wallet.Keys.Vault.IsLocked))
            {
                complete = false;
                return PsbtError.MissingKeys;
            }

            PsbtError? error = wallet.Psbts.Fill(psbt, new PsbtWish(sign), out complete, out int count);
            signed = sign ? count : null;
            return error;
        }
    }

    /// <inheritdoc/>
    public bool IsEncrypted()
    {
        lock (wallet.Gate)
        {
            return wallet.Keys.Vault.IsEncrypted;
        }
    }

    /// <inheritdoc/>
    public bool IsLocked()
    {
        lock (wallet.Gate)
        {
            return wallet.Keys.Vault.IsLocked;
        }
    }

    /// <inheritdoc/>
    public bool EncryptWallet(SecretString passphrase)
    {
        using SecretBytes secret = SecretBytes.Of(passphrase);
        lock (wallet.Gate)
        {
            bool can = wallet.HasPrivateKeys
                && !wallet.Keys.Vault.IsEncrypted
                && !wallet.Scan.NeedsKeys
                && secret.Bytes.Length > 0;
            if (can)
            {
                wallet.Encrypt(secret.Bytes);
            }

            return can;
        }
    }

    /// <inheritdoc/>
    public bool Unlock(SecretString passphrase, TimeSpan? time)
    {
        using SecretBytes secret = SecretBytes.Of(passphrase);
        double seconds = Math.Clamp(time?.TotalSeconds ?? MaxUnlockSeconds, 0, MaxUnlockSeconds);
        lock (wallet.Gate)
        {
            return wallet.Keys.Vault.IsEncrypted && wallet.TimedUnlock.Unlock(secret.Bytes, (long)seconds);
        }
    }

    /// <inheritdoc/>
    public bool Lock()
    {
        lock (wallet.Gate)
        {
            bool can = wallet.Keys.Vault.IsEncrypted && !wallet.Scan.NeedsKeys;
            if (can)
            {
                wallet.TimedUnlock.Lock();
            }

            return can;
        }
    }

    /// <inheritdoc/>
    public bool ChangePassphrase(SecretString old, SecretString wanted)
    {
        using SecretBytes before = SecretBytes.Of(old);
        using SecretBytes after = SecretBytes.Of(wanted);
        lock (wallet.Gate)
        {
            return wallet.Keys.Vault.IsEncrypted
                && !wallet.Scan.NeedsKeys
                && after.Bytes.Length > 0
                && wallet.Keys.Vault.Change(before.Bytes, after.Bytes, wallet.Keys.Opens);
        }
    }

    /// <inheritdoc/>
    public BlockTip GetLastBlock()
    {
        lock (wallet.Gate)
        {
            return wallet.Ledger.Tip;
        }
    }

    /// <inheritdoc/>
    public void Remove() => wallet.TryRemove();

    /// <inheritdoc/>
    public IHandler HandleUnload(Action unloaded) => _unload.Add(_ => unloaded());

    /// <inheritdoc/>
    public IHandler HandleBalancesChanged(Action<WalletBalances> changed) => _balances.Add(changed);

    private WalletBalances BalancesLocked()
    {
        Balance balance = wallet.Funds.GetBalance(0, avoidsReuse: true);
        return new WalletBalances(
            Money.Satoshis(balance.Trusted), Money.Satoshis(balance.Immature), Money.Satoshis(balance.Pending));
    }

    private WalletDestination Destination(Script script)
    {
        return Address.Format(script, wallet.Network) is { } address
            ? new WitnessDestination(address, wallet.Book.Find(script)?.Label ?? "")
            : new NoDestination(script.ToHex());
    }

    private WalletCoin Coin(OutPoint id, WalletTransaction owner)
    {
        int height = owner.State is TransactionState.Confirmed confirmed ? confirmed.Height : 0;
        return new WalletCoin(
            owner.Transaction.Outputs[(int)id.N].Value,
            height,
            wallet.Ledger.DepthOf(owner),
            !wallet.Ledger.IsImmature(owner) && wallet.Funds.IsTrusted(owner) && !wallet.Ledger.IsLocked(id));
    }
}
