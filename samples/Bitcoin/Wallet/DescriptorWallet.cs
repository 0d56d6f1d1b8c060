using System.Security.Cryptography;
using Bitcoin.Descriptors;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Spending;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>One wallet: its parts, and the gate that guards them.</summary>
/// <remarks>
/// Created → attached to the chain → closed. Every part is used under <see cref="Gate"/>, by JSON-RPC methods and by
/// chain notifications. The chain may be called while the gate is held, because the chain waits for no wallet.
/// </remarks>
internal sealed class DescriptorWallet : IDisposable
{
    private readonly Func<DescriptorWallet, bool> _remove;
    private readonly DebugLog _log;
    private bool _isClosed;

    internal DescriptorWallet(
        string name,
        WalletDatabase database,
        WalletFlags flags,
        IChain chain,
        NetworkParameters network,
        WalletOptions options,
        DebugLog log,
        Func<DescriptorWallet, bool> remove)
    {
        Name = name;
        Chain = chain;
        Network = network;
        Options = options;
        Flags = flags;
        _log = log;
        _remove = remove;
        Records = new WalletRecords(database);
        Keys = new KeyRing(Records, network, options.KeyPool);
        Book = new AddressBook(Records, network);
        Ledger = new Ledger(chain, network, Records, Keys) { Changed = OnChanged };
        Watch = new ChainWatch(chain, network, Records, Keys, Book, Ledger);
        Funds = new Funds(Ledger, Keys, Book) { SpendsUnconfirmedChange = options.SpendsUnconfirmedChange };
        Coins = new AvailableCoins(chain, Keys, Book, Ledger, Funds);
        Signing = new Signing(Keys, Ledger);
        Psbts = new PsbtFilling(Keys, Ledger, Signing);
        Maker = new TransactionMaker(chain, network, options, Keys, Ledger, Coins, Signing, Log);
        Bumper = new FeeBump(chain, options, Ledger, Funds, Maker);
        Scan = new Rescan(this);
        Broadcast = new Broadcast(chain, options, Ledger, Watch, Log);
        TimedUnlock = new TimedUnlock(Gate, chain, Keys, () => Scan.NeedsKeys);
        Interface = new WalletInterface(this);
        SetFlags();
    }

    internal object Gate { get; } = new();

    internal string Name { get; }

    internal IChain Chain { get; }

    internal NetworkParameters Network { get; }

    internal WalletOptions Options { get; }

    internal WalletFlags Flags { get; private set; }

    internal WalletRecords Records { get; }

    internal KeyRing Keys { get; }

    internal AddressBook Book { get; }

    internal Ledger Ledger { get; }

    internal ChainWatch Watch { get; }

    internal Funds Funds { get; }

    internal AvailableCoins Coins { get; }

    internal Signing Signing { get; }

    internal PsbtFilling Psbts { get; }

    internal TransactionMaker Maker { get; }

    internal FeeBump Bumper { get; }

    internal Rescan Scan { get; }

    internal Broadcast Broadcast { get; }

    internal TimedUnlock TimedUnlock { get; }

    internal WalletInterface Interface { get; }

    /// <summary>Called for changed transactions, for -walletnotify.</summary>
    internal Action<DescriptorWallet, WalletTransaction> Notify { get; set; } = static (_, _) => { };

    internal bool IsClosed => _isClosed;

    internal bool HasPrivateKeys => !Has(WalletFlags.DisablePrivateKeys);

    /// <summary>Seconds since 1970: no earlier block concerns the wallet. Null if unknown.</summary>
    internal long? BirthTime
    {
        get
        {
            long first = Math.Min(
                Keys.FirstCreated ?? long.MaxValue,
                Ledger.InOrder.Select(static one => one.Time).DefaultIfEmpty(long.MaxValue).Min());
            return first == long.MaxValue ? null : first;
        }
    }

    internal bool Has(WalletFlags flag) => (Flags & flag) != 0;

    internal void SetFlag(WalletFlags flag, bool isSet)
    {
        Flags = isSet ? Flags | flag : Flags & ~flag;
        Records.WriteFlags(Flags);
        SetFlags();
    }

    internal void Log(string text)
        => _log.Write($"[{(Name.Length == 0 ? "default wallet" : LineText.Escape(Name))}] {text}");

    /// <summary>Removes the mark of a blank wallet, if the wallet has it.</summary>
    internal void NoLongerBlank()
    {
        if (Has(WalletFlags.Blank))
        {
            SetFlag(WalletFlags.Blank, false);
        }
    }

    /// <summary>Gives out a new address.</summary>
    /// <exception cref="RpcException">No address is available.</exception>
    internal string NewAddress(OutputType type, string? label, bool isInternal)
    {
        if (Keys.Find(type, isInternal) is not { } owner)
        {
            throw new RpcException(RpcErrorCode.WalletKeypoolRanOut, $"Error: No {type.Name()} addresses available.");
        }

        if (!owner.CanGiveAddresses)
        {
            throw new RpcException(RpcErrorCode.WalletKeypoolRanOut, "No addresses available");
        }

        Script script = owner.Take()
            ?? throw new RpcException(
                RpcErrorCode.WalletKeypoolRanOut, "Error: Keypool ran out, please call keypoolrefill first");
        if (label is not null)
        {
            Book.Set(script, label, AddressBook.Receive);
        }

        return Address.Format(script, Network)!;
    }

    /// <summary>
    /// Encrypts the wallet, and creates new keys: the old keys were unencrypted in the file, and somebody may have read
    /// them.
    /// </summary>
    internal void Encrypt(ReadOnlySpan<byte> passphrase)
    {
        Keys.Encrypt(passphrase);
        if (!Has(WalletFlags.Blank) && HasPrivateKeys)
        {
            byte[] seed = RandomNumberGenerator.GetBytes(32);
            Keys.SetUp(ExtKey.CreateFromSeed(seed), Chain.GetTime());
            CryptographicOperations.ZeroMemory(seed);
        }

        Keys.Vault.Lock();
        Records.Database.Rewrite();
    }

    internal bool TryRemove()
    {
        if (!_remove(this))
        {
            return false;
        }

        Dispose();
        Interface.TellUnloaded();
        return true;
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            TimedUnlock.Dispose();
            try
            {
                Watch.StoreTip();
            }
            catch (WalletFileException exception)
            {
                Log($"The last block could not be stored: {exception.Message}");
            }

            Keys.Vault.Dispose();
            Records.Database.Dispose();
        }
    }

    private void SetFlags()
    {
        Funds.AvoidsReuse = Has(WalletFlags.AvoidReuse);
        Watch.AvoidsReuse = Has(WalletFlags.AvoidReuse);
        Coins.Grinds = HasPrivateKeys;
    }

    private void OnChanged(WalletTransaction transaction, bool isNew)
    {
        if (Options.Notifies)
        {
            Notify(this, transaction);
        }
    }
}
