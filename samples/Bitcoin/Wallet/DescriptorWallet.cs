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
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>One wallet: its parts, and the gate that they are used under.</summary>
/// <remarks>
/// Created → attached to the chain → closed. Every part is used under <see cref="Gate"/>, by the methods of JSON-RPC
/// and by the thread that tells of the chain alike. While it is held the chain may be asked: the chain waits for no
/// wallet.
/// </remarks>
internal sealed class DescriptorWallet : IWallet, IDisposable
{
    private const long MaxUnlockSeconds = 100_000_000;
    private const long MaxTimerSeconds = 30L * 24 * 60 * 60;

    private readonly Func<DescriptorWallet, bool> _remove;
    private readonly DebugLog _log;
    private readonly Listeners<DescriptorWallet> _unload = new();
    private readonly Listeners<WalletBalances> _balances = new();
    private Timer? _relock;
    private long _relockSeconds;
    private bool _isClosed;

    private DescriptorWallet(
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

    /// <summary>Seconds since 1970: when it is locked again; 0 while it is locked.</summary>
    internal long RelockTime { get; private set; }

    /// <summary>Told of transactions that changed, for -walletnotify.</summary>
    internal Action<DescriptorWallet, WalletTransaction> Notify { get; set; } = static (_, _) => { };

    internal bool IsClosed => _isClosed;

    internal bool HasPrivateKeys => !Has(WalletFlags.DisablePrivateKeys);

    /// <summary>Seconds since 1970: nothing earlier concerns it; null where nothing is known.</summary>
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

    /// <summary>
    /// Makes the file of a wallet with its first keys. The caller makes the directory the wallet's own.
    /// </summary>
    /// <param name="directory">The directory, which need not exist.</param>
    /// <param name="flags">What the wallet is.</param>
    /// <param name="passphrase">What it is encrypted with; empty for nothing.</param>
    /// <param name="seed">What the keys are made of; null for a random one.</param>
    /// <param name="now">Seconds since 1970: nothing before concerns the keys.</param>
    /// <param name="locator">The blocks up to which nothing is to be looked for; empty where that is not known.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">Options.</param>
    internal static void Create(
        string directory,
        WalletFlags flags,
        ReadOnlySpan<byte> passphrase,
        byte[]? seed,
        long now,
        IReadOnlyList<uint256> locator,
        NetworkParameters network,
        WalletOptions options)
    {
        byte[] copy = passphrase.ToArray();
        using WalletDatabase database = WalletDatabase.Open(
            directory, network.Magic, isNew: true, options.WaitsForDisk);
        WalletRecords records = new(database);
        database.InTransaction(() =>
        {
            bool hasKeys = (flags & (WalletFlags.Blank | WalletFlags.DisablePrivateKeys)) == 0;
            records.WriteVersion();
            records.WriteFlags(flags | WalletFlags.LastHardenedCached);

            // The gap is filled when the wallet is opened.
            KeyRing keys = new(records, network, gap: 1);
            if (copy.Length > 0)
            {
                keys.Encrypt(copy);
            }

            if (hasKeys)
            {
                byte[] random = seed ?? RandomNumberGenerator.GetBytes(32);
                keys.SetUp(ExtKey.CreateFromSeed(random), now);
                CryptographicOperations.ZeroMemory(random);
            }

            keys.Vault.Lock();
            if (locator.Count > 0)
            {
                records.WriteBestBlock(locator);
            }
        });
        CryptographicOperations.ZeroMemory(copy);
    }

    /// <summary>Opens a wallet's file.</summary>
    /// <exception cref="WalletFileException">It cannot be opened; the message is for the user.</exception>
    internal static DescriptorWallet Open(
        string name,
        string directory,
        IChain chain,
        NetworkParameters network,
        WalletOptions options,
        DebugLog log,
        Func<DescriptorWallet, bool> remove,
        List<string> warnings,
        bool isNew)
    {
        WalletDatabase database = WalletDatabase.Open(directory, network.Magic, isNew: false, options.WaitsForDisk);
        try
        {
            WalletRecords records = new(database);
            if (!isNew && records.ReadVersion() is { } version)
            {
                log.Write(
                    $"[{(name.Length == 0 ? "default wallet" : LineText.Escape(name))}] Last client version = "
                        + $"{version}");
            }

            WalletFlags flags = records.ReadFlags() ?? WalletFlags.None;
            string file = database.Path;
            const ulong Unknown = 0xffffffff00000000;
            if (((ulong)(flags & ~WalletFlagNames.Known) & Unknown) != 0)
            {
                throw new WalletFileException($"Error loading {file}: Wallet requires newer version of Bitcoin Core");
            }

            if ((flags & WalletFlags.Descriptors) == 0)
            {
                throw new WalletFileException(
                    $"Error loading {file}: Wallet is a legacy wallet. Please migrate to a descriptor wallet using the "
                        + $"migration tool (migratewallet RPC).");
            }

            if ((flags & WalletFlags.ExternalSigner) != 0)
            {
                throw new WalletFileException(
                    $"Error loading {file}: External signer wallet being loaded without external signer support "
                        + $"compiled");
            }

            DescriptorWallet wallet = new(name, database, flags, chain, network, options, log, remove);
            wallet.Load(file, warnings);
            return wallet;
        }
        catch
        {
            database.Dispose();
            throw;
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

    /// <summary>Whether something is in the wallet that a blank one does not have.</summary>
    internal void NoLongerBlank()
    {
        if (Has(WalletFlags.Blank))
        {
            SetFlag(WalletFlags.Blank, false);
        }
    }

    /// <summary>A new address.</summary>
    /// <exception cref="RpcException">There is none.</exception>
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
    /// Encrypts the wallet, and makes new keys: those that stood in the file unencrypted may have been read.
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

    /// <summary>Unlocks the wallet for a time.</summary>
    internal bool Unlock(ReadOnlySpan<byte> passphrase, long seconds)
    {
        if (!Keys.Vault.Unlock(passphrase, Keys.Opens))
        {
            return false;
        }

        Keys.TopUp(0);
        long until = Chain.GetTime() + seconds;
        RelockTime = until;
        _relockSeconds = seconds;
        _relock?.Dispose();
        _relock = new Timer(_ =>
        {
            lock (Gate)
            {
                if (RelockTime == until)
                {
                    Relock(_relockSeconds -= MaxTimerSeconds);
                }
            }
        });
        Rearm(seconds);
        return true;
    }

    internal void Lock()
    {
        Keys.Vault.Lock();
        RelockTime = 0;
    }

    /// <summary>Stores a transaction of the wallet's, and hands it to the node.</summary>
    internal WalletTransaction Commit(Transaction transaction, Action<WalletTransaction>? fill = null)
    {
        Log($"CommitTransaction: {transaction.GetHash()}");
        Watch.MarkSpentFrom(transaction);

        // Stored first: what the node has, the wallet never forgets.
        WalletTransaction own = Ledger.Add(
            transaction, new TransactionState.Inactive(IsAbandoned: false), fill: fill ?? (static _ => { }));
        if (Options.Broadcasts && !Submit(own, relays: true, out string error))
        {
            Log($"CommitTransaction(): Transaction cannot be broadcast immediately, {error}");
        }

        return own;
    }

    /// <summary>Hands transactions that are in no block to the node again.</summary>
    internal void Resubmit(bool relays, bool all, long bestBlockTime)
    {
        const int Young = 5 * 60;
        if (!Options.Broadcasts)
        {
            return;
        }

        int count = 0;
        foreach (WalletTransaction transaction in Ledger.InOrder.Where(
            static one => one.IsUnconfirmed && !one.IsCoinbase).ToArray())
        {
            if ((all || transaction.ReceivedTime <= bestBlockTime - Young)
                && Ledger.DepthOf(transaction) == 0
                && Submit(transaction, relays, out _))
            {
                count++;
            }
        }

        if (count > 0)
        {
            Log($"ResubmitWalletTransactions: resubmit {count} unconfirmed transactions");
        }
    }

    /// <summary>Takes over what waits in the node.</summary>
    internal void TakeMempool()
    {
        const int AtOnce = 100;
        foreach (uint256[] ids in Chain.GetMempoolIds().Chunk(AtOnce))
        {
            foreach (Transaction transaction in Chain.FindMempoolTransactions(ids))
            {
                Watch.Waits(transaction);
            }
        }
    }

    internal bool TryRemove()
    {
        if (!_remove(this))
        {
            return false;
        }

        Dispose();
        _unload.Tell(this);
        return true;
    }

    internal void TellBalances() => _balances.Tell(GetBalances());

    public void Dispose()
    {
        lock (Gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            _relock?.Dispose();
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

    /// <inheritdoc/>
    public string GetWalletName() => Name;

    /// <inheritdoc/>
    public string GetNewDestination(string label)
    {
        lock (Gate)
        {
            return label == "*"
                ? throw new RpcException(RpcErrorCode.WalletInvalidLabelName, "Invalid label name")
                : NewAddress(Options.AddressType, label, isInternal: false);
        }
    }

    /// <inheritdoc/>
    public List<WalletAddress> GetAddresses()
    {
        lock (Gate)
        {
            return
            [
                .. Book.Entries.Where(entry => !entry.Value.IsChange && Keys.IsMine(entry.Key)).Select(
                    entry => new WalletAddress(Address.Format(entry.Key, Network)!, entry.Value.Label!)),
            ];
        }
    }

    /// <inheritdoc/>
    public bool IsMine(Script script)
    {
        lock (Gate)
        {
            return Keys.IsMine(script);
        }
    }

    /// <inheritdoc/>
    public WalletBalances GetBalances()
    {
        lock (Gate)
        {
            return BalancesLocked();
        }
    }

    /// <inheritdoc/>
    public bool TryGetBalances(out WalletBalances? balances, out uint256 tip)
    {
        balances = null;
        tip = uint256.Zero;
        if (!Monitor.TryEnter(Gate))
        {
            return false;
        }

        try
        {
            balances = BalancesLocked();
            tip = Ledger.Tip.Hash;
            return true;
        }
        finally
        {
            Monitor.Exit(Gate);
        }
    }

    /// <inheritdoc/>
    public Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> ListCoins()
    {
        lock (Gate)
        {
            return Ledger.Outputs
                .Where(pair => !Ledger.IsSpent(pair.Key) && Ledger.DepthOf(pair.Value) >= 0 && !pair.Value.IsAbandoned)
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
        ChosenRate rate = Maker.Fees.Choose(new CoinControl { Target = confirmTarget });
        returnedTarget = rate.Target;
        reason = rate.Reason;
        return Money.Satoshis(rate.Rate.For(bytes));
    }

    /// <inheritdoc/>
    public PsbtError? FillPsbt(bool sign, ref PSBT psbt, out int? signed, out bool complete)
    {
        lock (Gate)
        {
            signed = null;
            if (sign && (!HasPrivateKeys || Keys.Vault.IsLocked))
            {
                complete = false;
                return PsbtError.MissingKeys;
            }

            PsbtError? error = Psbts.Fill(psbt, new PsbtWish(sign), out complete, out int count);
            signed = sign ? count : null;
            return error;
        }
    }

    /// <inheritdoc/>
    public bool IsEncrypted()
    {
        lock (Gate)
        {
            return Keys.Vault.IsEncrypted;
        }
    }

    /// <inheritdoc/>
    public bool IsLocked()
    {
        lock (Gate)
        {
            return Keys.Vault.IsLocked;
        }
    }

    /// <inheritdoc/>
    public bool EncryptWallet(SecretString passphrase)
    {
        using SecretBytes secret = SecretBytes.Of(passphrase);
        lock (Gate)
        {
            bool can = HasPrivateKeys && !Keys.Vault.IsEncrypted && !Scan.NeedsKeys && secret.Bytes.Length > 0;
            if (can)
            {
                Encrypt(secret.Bytes);
            }

            return can;
        }
    }

    /// <inheritdoc/>
    public bool Unlock(SecretString passphrase, TimeSpan? time)
    {
        using SecretBytes secret = SecretBytes.Of(passphrase);
        double seconds = Math.Clamp(time?.TotalSeconds ?? MaxUnlockSeconds, 0, MaxUnlockSeconds);
        lock (Gate)
        {
            return Keys.Vault.IsEncrypted && Unlock(secret.Bytes, (long)seconds);
        }
    }

    /// <inheritdoc/>
    bool IWallet.Lock()
    {
        lock (Gate)
        {
            bool can = Keys.Vault.IsEncrypted && !Scan.NeedsKeys;
            if (can)
            {
                Lock();
            }

            return can;
        }
    }

    /// <inheritdoc/>
    public bool ChangePassphrase(SecretString old, SecretString wanted)
    {
        using SecretBytes before = SecretBytes.Of(old);
        using SecretBytes after = SecretBytes.Of(wanted);
        lock (Gate)
        {
            return Keys.Vault.IsEncrypted
                && !Scan.NeedsKeys
                && after.Bytes.Length > 0
                && Keys.Vault.Change(before.Bytes, after.Bytes, Keys.Opens);
        }
    }

    /// <inheritdoc/>
    public BlockTip GetLastBlock()
    {
        lock (Gate)
        {
            return Ledger.Tip;
        }
    }

    /// <inheritdoc/>
    public void Remove() => TryRemove();

    /// <inheritdoc/>
    public IHandler HandleUnload(Action unloaded) => _unload.Add(_ => unloaded());

    /// <inheritdoc/>
    public IHandler HandleBalancesChanged(Action<WalletBalances> changed) => _balances.Add(changed);

    // A timer takes 49 days at most, and a rescan keeps the keys.
    private void Relock(long left)
    {
        if (left > 0 || Scan.NeedsKeys)
        {
            Rearm(Math.Max(left, 1));
        }
        else
        {
            Lock();
        }
    }

    private void Rearm(long seconds)
        => _relock!.Change(TimeSpan.FromSeconds(Math.Min(seconds, MaxTimerSeconds)), Timeout.InfiniteTimeSpan);

    private bool Submit(WalletTransaction transaction, bool relays, out string error)
    {
        if (!Chain.BroadcastTransaction(transaction.Transaction, Money.Satoshis(Options.MaxFee), relays, out error))
        {
            return false;
        }

        transaction.State = new TransactionState.InMempool();
        return true;
    }

    private void Load(string file, List<string> warnings)
    {
        try
        {
            if (Records.HasLegacyRecords())
            {
                throw new WalletFileException(
                    $"Unexpected legacy entry in descriptor wallet found. Loading wallet {file}\n\nThe wallet might "
                        + $"have been tampered with or created with malicious intent.\n");
            }

            Keys.Load();
            Book.Load();
            Ledger.Load();
        }
        catch (UnknownDescriptorException)
        {
            throw new WalletFileException(
                $"Unrecognized descriptor found. Loading wallet {file}\n\nThe wallet might have been created on a "
                    + $"newer version.\nPlease try running the latest software version.\n");
        }
        catch (Exception exception) when (exception is InvalidDataException
            or FormatException
            or ArgumentException
            or EndOfStreamException)
        {
            Log(exception.Message);
            throw new WalletFileException($"Error loading {file}: Wallet corrupted", exception);
        }

        if (!HasPrivateKeys && Keys.Vault.Ids.ToArray() is { Length: > 0 } extraneous)
        {
            Log(
                "Detected extraneous encryption keys in this wallet without private keys. Removing extraneous "
                    + "encryption keys.");
            Records.Database.InTransaction(() => Array.ForEach(extraneous, Records.EraseMasterKey));
            Keys.Vault.Clear();
        }

        if (!HasPrivateKeys && Keys.Active.Any(static keys => keys.HasPrivateKeys))
        {
            warnings.Add($"Warning: Private keys detected in wallet {{{file}}} with disabled private keys");
        }

        Keys.TopUp(0);
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

    private WalletBalances BalancesLocked()
    {
        Balance balance = Funds.GetBalance(0, avoidsReuse: true);
        return new WalletBalances(
            Money.Satoshis(balance.Trusted), Money.Satoshis(balance.Immature), Money.Satoshis(balance.Pending));
    }

    private WalletDestination Destination(Script script)
    {
        return Address.Format(script, Network) is { } address
            ? new WitnessDestination(address, Book.Find(script)?.Label ?? "")
            : new NoDestination(script.ToHex());
    }

    private WalletCoin Coin(OutPoint id, WalletTransaction owner)
    {
        int height = owner.State is TransactionState.Confirmed confirmed ? confirmed.Height : 0;
        return new WalletCoin(
            owner.Transaction.Outputs[(int)id.N].Value,
            height,
            Ledger.DepthOf(owner),
            !Ledger.IsImmature(owner) && Funds.IsTrusted(owner) && !Ledger.IsLocked(id));
    }
}
