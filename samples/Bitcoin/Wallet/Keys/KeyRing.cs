using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Storage;
using NBitcoin;
using System.Globalization;

namespace Bitcoin.Wallet.Keys;

/// <summary>
/// The descriptors of a wallet: they decide which scripts belong to the wallet, and give out addresses. Used under the
/// wallet's gate.
/// </summary>
internal sealed class KeyRing
{
    private readonly WalletRecords _records;
    private readonly NetworkParameters _network;
    private readonly int _gap;
    private readonly SortedDictionary<string, DescriptorKeys> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<OutputType, DescriptorKeys> _external = [];
    private readonly Dictionary<OutputType, DescriptorKeys> _internal = [];
    private readonly Dictionary<Script, List<DescriptorKeys>> _byScript = [];

    internal KeyRing(WalletRecords records, NetworkParameters network, int gap)
    {
        _records = records;
        _network = network;
        _gap = gap;
        Vault = new KeyVault(records);
    }

    internal KeyVault Vault { get; }

    internal IEnumerable<DescriptorKeys> All => _all.Values;

    internal IEnumerable<DescriptorKeys> Active
        => OutputTypes.All.SelectMany(type => new[] { Find(type, false), Find(type, true) })
            .OfType<DescriptorKeys>()
            .Distinct();

    internal bool HasAny => _all.Count > 0;

    internal int PoolSize => Active.Sum(static one => one.PoolSize);

    internal int ExternalPoolSize => _external.Values.Sum(static one => one.PoolSize);

    internal long? FirstCreated => _all.Count == 0 ? null : _all.Values.Min(static one => one.Created);

    internal DescriptorKeys? Find(OutputType type, bool isInternal)
        => (isInternal ? _internal : _external).GetValueOrDefault(type);

    internal DescriptorKeys? Find(uint256 id) => _all.GetValueOrDefault(id.ToString());

    internal IReadOnlyList<DescriptorKeys> Owners(Script script)
        => _byScript.TryGetValue(script, out List<DescriptorKeys>? owners) ? owners : [];

    internal bool IsMine(Script script) => _byScript.ContainsKey(script);

    internal bool IsActive(DescriptorKeys keys) => _external.ContainsValue(keys) || _internal.ContainsValue(keys);

    /// <summary>Whether a descriptor gives out change addresses; null if it gives out no addresses.</summary>
    internal bool? IsInternal(DescriptorKeys keys) => IsActive(keys) ? _internal.ContainsValue(keys) : null;

    internal bool CanGiveAddresses(bool isInternal)
        => OutputTypes.All.Any(type => Find(type, isInternal)?.CanGiveAddresses == true);

    /// <summary>Whether a private key is in the wallet, encrypted or not.</summary>
    internal bool HasSecret(PubKey pubKey) => All.Any(keys => keys.HasSecret(pubKey));

    /// <summary>
    /// The data needed to spend a script, except signatures; null if the script is not of the wallet.
    /// </summary>
    internal SolvingData? Solve(Script script, bool withSecrets = false)
        => Owners(script) is [DescriptorKeys first, ..] ? first.Solve(script, withSecrets) : null;

    /// <summary>Reads all descriptors.</summary>
    internal void Load()
    {
        foreach ((uint id, MasterKey master) in _records.MasterKeys())
        {
            Vault.Load(id, master);
        }

        foreach ((uint256 id, DescriptorRecord record) in _records.Descriptors())
        {
            if (!Descriptor.TryParse(
                record.Text, _network, needsChecksum: true, out Descriptor? descriptor, out string error))
            {
                throw new UnknownDescriptorException(error);
            }

            DescriptorKeys keys = Make(descriptor, record);
            if (keys.Id != id)
            {
                throw new InvalidDataException("The descriptor ID calculated by the wallet differs from the one in DB");
            }

            keys.Load();
            _all[id.ToString()] = keys;
        }

        foreach (bool isInternal in (bool[])[false, true])
        {
            foreach ((OutputType type, uint256 id) in _records.ActiveDescriptors(isInternal))
            {
                (isInternal ? _internal : _external)[type] = Find(id)
                    ?? throw new InvalidDataException(
                        $"The wallet gives out addresses of a descriptor {id} that it does not have.");
            }
        }
    }

    /// <summary>Creates the descriptors of all kinds of addresses from a master key.</summary>
    internal void SetUp(ExtKey master, long now)
    {
        _records.Database.InTransaction(() =>
        {
            foreach (bool isInternal in (bool[])[false, true])
            {
                foreach (OutputType type in OutputTypes.All)
                {
                    SetUp(master, type, isInternal, now);
                }
            }
        });
    }

    /// <summary>Creates a descriptor from a master key. It gives out the addresses of a kind from now on.</summary>
    internal DescriptorKeys SetUp(ExtKey master, OutputType type, bool isInternal, long now)
    {
        string xpub = master.Neuter().ToString(_network.Network);
        Descriptor descriptor = Parse(TextOf(xpub, type, isInternal));
        DescriptorKeys keys = Make(descriptor, new DescriptorRecord("", (ulong)now, 0, 0, 0));
        _all[keys.Id.ToString()] = keys;
        keys.Create([master.PrivateKey]);
        SetActive(keys, type, isInternal);
        return keys;
    }

    /// <summary>The descriptor of a master key for addresses of a kind; null if the wallet does not have it.</summary>
    internal DescriptorKeys? FindStandard(ExtPubKey master, OutputType type, bool isInternal)
    {
        return Find(DescriptorKeys.IdOf(Parse(TextOf(master.ToString(_network.Network), type, isInternal))));
    }

    /// <summary>Imports a descriptor, or updates it if the wallet has it.</summary>
    /// <param name="descriptor">The descriptor without private keys.</param>
    /// <param name="record">The range of the descriptor.</param>
    /// <param name="secrets">The private keys.</param>
    /// <param name="error">What is wrong with it.</param>
    internal DescriptorKeys? Import(
        Descriptor descriptor, DescriptorRecord record, IReadOnlyCollection<Key> secrets, out string error)
    {
        error = "";
        if (Find(DescriptorKeys.IdOf(descriptor)) is { } known)
        {
            if (known.Descriptor.IsRange && (record.Start > known.Start || record.End < known.End))
            {
                error = $"new range must include current range = [{known.Start},{known.End - 1}]";
                return null;
            }

            known.Update(record, secrets);
            known.Write();
            return known;
        }

        DescriptorKeys keys = Make(descriptor, record);
        if (!keys.Create(secrets))
        {
            error = "Could not top up scriptPubKeys";
            return null;
        }

        _all[keys.Id.ToString()] = keys;
        return keys;
    }

    internal void SetActive(DescriptorKeys keys, OutputType type, bool isInternal)
    {
        _records.WriteActive(type, isInternal, keys.Id);
        (isInternal ? _internal : _external)[type] = keys;
        Dictionary<OutputType, DescriptorKeys> other = isInternal ? _external : _internal;
        if (other.GetValueOrDefault(type) == keys)
        {
            other.Remove(type);
            _records.EraseActive(type, !isInternal);
        }
    }

    internal void SetInactive(DescriptorKeys keys, OutputType type, bool isInternal)
    {
        if (Find(type, isInternal) == keys)
        {
            _records.EraseActive(type, isInternal);
            (isInternal ? _internal : _external).Remove(type);
        }
    }

    /// <summary>Stores again how far each descriptor is used.</summary>
    internal void StoreAll()
    {
        foreach (DescriptorKeys keys in All)
        {
            keys.Write();
        }
    }

    internal bool TopUp(int size)
    {
        bool isComplete = true;
        foreach (DescriptorKeys keys in Active.ToArray())
        {
            isComplete &= keys.TopUp(size);
        }

        return isComplete;
    }

    /// <summary>Encrypts all private keys. The wallet is unlocked afterwards.</summary>
    internal void Encrypt(ReadOnlySpan<byte> passphrase)
    {
        byte[] copy = passphrase.ToArray();
        _records.Database.InTransaction(() =>
        {
            Vault.Encrypt(copy);
            foreach (DescriptorKeys keys in All)
            {
                keys.Encrypt();
            }
        });
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(copy);
    }

    internal bool Opens(byte[] key) => All.All(keys => keys.Opens(key));

    /// <summary>The private key of a public key, from any descriptor.</summary>
    internal Key? Secret(PubKey pubKey)
        => All.Select(keys => keys.Secret(pubKey)).FirstOrDefault(static key => key is not null);

    private string TextOf(string xpub, OutputType type, bool isInternal)
    {
        string coin = string.Create(CultureInfo.InvariantCulture, $"{_network.CoinType}h");
        string change = isInternal ? "1" : "0";
        return type switch
        {
            OutputType.Legacy => $"pkh({xpub}/44h/{coin}/0h/{change}/*)",
            OutputType.P2shSegwit => $"sh(wpkh({xpub}/49h/{coin}/0h/{change}/*))",
            OutputType.Bech32 => $"wpkh({xpub}/84h/{coin}/0h/{change}/*)",
            _ => $"tr({xpub}/86h/{coin}/0h/{change}/*)",
        };
    }

    private Descriptor Parse(string text)
        => Descriptor.TryParse(text, _network, needsChecksum: false, out Descriptor? descriptor, out string error)
            ? descriptor
            : throw new InvalidOperationException(error);

    private DescriptorKeys Make(Descriptor descriptor, DescriptorRecord record)
        => new(descriptor, record, _records, Vault, _gap, Index);

    private void Index(DescriptorKeys keys, Script script)
    {
        if (!_byScript.TryGetValue(script, out List<DescriptorKeys>? owners))
        {
            _byScript[script] = owners = [];
        }

        if (!owners.Contains(keys))
        {
            owners.Add(keys);
        }
    }
}

/// <summary>The wallet has a descriptor of an unknown kind.</summary>
internal sealed class UnknownDescriptorException(string message) : Exception(message);
