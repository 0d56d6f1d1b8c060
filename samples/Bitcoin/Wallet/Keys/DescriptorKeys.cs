using System.Security.Cryptography;
using System.Text;
using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Keys;

/// <summary>
/// A descriptor of a wallet, the scripts of its range, and its private keys. Used under the wallet's gate.
/// </summary>
internal sealed class DescriptorKeys
{
    private readonly WalletRecords _records;
    private readonly KeyVault _vault;
    private readonly Action<DescriptorKeys, Script> _isNew;
    private readonly int _gap;
    private readonly Dictionary<Script, int> _scripts = [];
    private readonly Dictionary<PubKey, int> _pubKeys = [];
    private readonly Dictionary<PubKey, Key> _plain = [];
    private readonly Dictionary<PubKey, byte[]> _encrypted = [];
    private readonly Dictionary<int, SolvingData> _solving = [];
    private readonly HashSet<int> _written = [];
    private int _last = -1;
    private bool _isChecked;
    private string? _publicText;

    /// <param name="descriptor">The descriptor without private keys.</param>
    /// <param name="record">The range of the descriptor.</param>
    /// <param name="records">Where the descriptor is stored.</param>
    /// <param name="vault">The vault with the key that encrypts the private keys.</param>
    /// <param name="gap">How many scripts to create beyond the last used one.</param>
    /// <param name="isNew">Called for each new script.</param>
    internal DescriptorKeys(
        Descriptor descriptor,
        DescriptorRecord record,
        WalletRecords records,
        KeyVault vault,
        int gap,
        Action<DescriptorKeys, Script> isNew)
    {
        Descriptor = descriptor;
        Id = IdOf(descriptor);
        Created = (long)record.Created;
        Start = record.Start;
        End = record.End;
        Next = record.Next;
        _records = records;
        _vault = vault;
        _gap = gap;
        _isNew = isNew;
    }

    internal Descriptor Descriptor { get; }

    internal uint256 Id { get; }

    internal long Created { get; private set; }

    internal int Start { get; private set; }

    internal int End { get; private set; }

    internal int Next { get; private set; }

    internal bool HasPrivateKeys => _plain.Count > 0 || _encrypted.Count > 0;

    internal bool HasEncryptedKeys => _encrypted.Count > 0;

    internal int PoolSize => End - Next;

    internal IReadOnlyCollection<Script> Scripts => _scripts.Keys;

    internal bool CanGiveAddresses
        => Descriptor.IsSingleType
            && Descriptor.IsRange
            && (HasPrivateKeys || Next < End || Descriptor.Keys.All(static key => !key.NeedsSecret));

    /// <summary>The descriptor in a form that needs no private key.</summary>
    internal string PublicText
        => _publicText ??= DescriptorChecksum.Append(Descriptor.Format(static key => key.ToNormalizedText()));

    internal static uint256 IdOf(Descriptor descriptor)
    {
        return new uint256(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(
                    DescriptorChecksum.Append(descriptor.Format(static key => key.ToCompatibleText())))));
    }

    /// <summary>The descriptor with all known private keys. The wallet must be unlocked.</summary>
    /// <param name="any">Whether a private key is known.</param>
    internal string PrivateText(out bool any)
    {
        bool found = false;
        string text = Descriptor.Format(key =>
        {
            string one = key.ToPrivateText(Secret, out bool isComplete);
            found |= isComplete;
            return one;
        });
        any = found;
        return DescriptorChecksum.Append(text);
    }

    /// <summary>Reads the keys, and creates the scripts of the range.</summary>
    internal void Load()
    {
        _records.ReadCache(Id, Descriptor);
        foreach (Key secret in _records.Secrets(Id))
        {
            _plain[secret.PubKey] = secret;
        }

        foreach ((PubKey pubKey, byte[] encrypted) in _records.EncryptedSecrets(Id))
        {
            _encrypted[pubKey] = encrypted;
        }

        if (_plain.Count > 0 && _encrypted.Count > 0)
        {
            throw new InvalidDataException("Wallet contains both unencrypted and encrypted keys");
        }

        _written.UnionWith(Enumerable.Range(0, Descriptor.Keys.Count()));
        SecretParents parents = new(Secret);
        for (_last = Start - 1; _last + 1 < End; _last++)
        {
            if (!TryExpand(_last + 1, parents))
            {
                throw new InvalidDataException("Error: Unable to expand wallet descriptor from cache");
            }
        }
    }

    /// <summary>Stores a new descriptor with its private keys, and creates the scripts of its range.</summary>
    /// <returns>False if the scripts need a private key that is missing.</returns>
    internal bool Create(IEnumerable<Key> secrets)
    {
        foreach (Key secret in secrets)
        {
            AddSecret(secret);
        }

        _last = Start - 1;
        Write();
        return TopUp(0);
    }

    /// <summary>Merges the range and the keys of the same descriptor, which is imported again.</summary>
    internal bool Update(DescriptorRecord record, IEnumerable<Key> secrets)
    {
        Created = (long)record.Created;
        Start = record.Start;
        End = record.End;
        Next = record.Next;
        foreach (Key secret in secrets)
        {
            AddSecret(secret);
        }

        _last = Math.Min(_last, Start - 1);
        return TopUp(0);
    }

    internal void Write()
        => _records.WriteDescriptor(
            Id,
            new DescriptorRecord(DescriptorChecksum.Append(Descriptor.ToString()), (ulong)Created, Next, Start, End));

    internal bool Has(Script script) => _scripts.ContainsKey(script);

    internal int? IndexOf(Script script) => _scripts.TryGetValue(script, out int index) ? index : null;

    internal int? IndexOf(PubKey key) => _pubKeys.TryGetValue(key, out int index) ? index : null;

    /// <summary>The scripts from an index on.</summary>
    internal IEnumerable<Script> ScriptsFrom(int index)
        => _scripts.Where(pair => pair.Value >= index).Select(static pair => pair.Key);

    /// <summary>Creates scripts up to a gap beyond the next one.</summary>
    /// <param name="size">The gap; 0 for the wallet's own.</param>
    /// <returns>False if they need a private key, and the wallet is locked or does not have it.</returns>
    internal bool TopUp(int size)
    {
        bool isComplete = true;
        SecretParents parents = new(Secret);
        _records.Database.InTransaction(() =>
        {
            int end = Math.Max(Next + (size > 0 ? size : _gap), End);
            if (!Descriptor.IsRange)
            {
                end = 1;
                Start = 0;
            }

            while (_last + 1 < end)
            {
                if (!TryExpand(_last + 1, parents))
                {
                    isComplete = false;
                    return;
                }

                _last++;
            }

            if (end != End || !Descriptor.IsRange)
            {
                End = end;
                Write();
            }
        });
        return isComplete;
    }

    /// <summary>Gives out the next script; null if there is none.</summary>
    internal Script? Take()
    {
        TopUp(0);
        if (Next > _last && !TopUp(1))
        {
            return null;
        }

        Script script = Descriptor.Expand((uint)Next).First();
        Next++;
        Write();
        return script;
    }

    /// <summary>Takes back the last script, which was not used.</summary>
    internal void Return(Script script)
    {
        if (_scripts.TryGetValue(script, out int index) && index == Next - 1)
        {
            Next--;
            Write();
        }
    }

    /// <summary>Notes that a script was paid. Earlier scripts are no longer given out.</summary>
    /// <returns>The skipped scripts and this one.</returns>
    internal List<Script> MarkUsed(Script script)
    {
        List<Script> passed = [];
        if (!_scripts.TryGetValue(script, out int index) || !Descriptor.IsRange)
        {
            return passed;
        }

        if (index < Next)
        {
            // Given out already: the gap after it is filled now.
            if (_last + 1 < Next + _gap)
            {
                TopUp(0);
                Write();
            }
        }
        else
        {
            for (int i = Next; i <= index; i++)
            {
                passed.AddRange(Descriptor.Expand((uint)i));
            }

            Next = index + 1;
            TopUp(0);
            Write();
        }

        return passed;
    }

    /// <summary>The data needed to spend a script; null if the script is not of this descriptor.</summary>
    internal SolvingData? Solve(Script script, bool withSecrets)
        => IndexOf(script) is { } index ? Solve(index, withSecrets) : null;

    /// <summary>The data needed to spend the scripts at an index.</summary>
    internal SolvingData Solve(int index, bool withSecrets)
    {
        if (!_solving.TryGetValue(index, out SolvingData? known))
        {
            known = MakeSolving(index);
            _solving[index] = known;
        }

        if (!withSecrets || !HasPrivateKeys)
        {
            return known;
        }

        SolvingData data = new();
        data.Merge(known);
        foreach (KeyExpression key in Descriptor.Keys)
        {
            if (key.Derive((uint)index) is { } derived && key.DeriveSecret((uint)index, Secret) is { } secret)
            {
                data.Add(derived, secret: secret);
            }
        }

        return data;
    }

    /// <summary>The private key of a key of the descriptor; null if it is unknown or the wallet is locked.</summary>
    internal Key? Secret(PubKey pubKey)
    {
        return _plain.GetValueOrDefault(pubKey)
            ?? (!_vault.IsLocked && _encrypted.TryGetValue(pubKey, out byte[]? encrypted)
                ? Crypter.DecryptSecret(_vault.Key, pubKey, encrypted)
                : null);
    }

    internal bool HasSecret(PubKey pubKey) => _plain.ContainsKey(pubKey) || _encrypted.ContainsKey(pubKey);

    /// <summary>Whether a key decrypts the private keys.</summary>
    /// <exception cref="InvalidDataException">It decrypts only some of them.</exception>
    internal bool Opens(byte[] key)
    {
        if (_plain.Count > 0)
        {
            return false;
        }

        int good = 0;
        int bad = 0;
        foreach ((PubKey pubKey, byte[] encrypted) in _encrypted)
        {
            if (Crypter.DecryptSecret(key, pubKey, encrypted) is null)
            {
                bad++;
                break;
            }

            good++;
            if (_isChecked)
            {
                break;
            }
        }

        if (good > 0 && bad > 0)
        {
            throw new InvalidDataException(
                "Error unlocking wallet: some keys decrypt but not all. Your wallet file may be corrupt.");
        }

        _isChecked |= bad == 0;
        return bad == 0;
    }

    /// <summary>Stores the private keys encrypted. The wallet must be unlocked.</summary>
    internal void Encrypt()
    {
        foreach (Key secret in _plain.Values)
        {
            byte[] encrypted = Crypter.EncryptSecret(_vault.Key, secret);
            _encrypted[secret.PubKey] = encrypted;
            _records.WriteEncryptedSecret(Id, secret.PubKey, encrypted);
        }

        _plain.Clear();
        _solving.Clear();
    }

    private void AddSecret(Key secret)
    {
        if (HasSecret(secret.PubKey))
        {
            return;
        }

        if (_vault.IsEncrypted)
        {
            byte[] encrypted = Crypter.EncryptSecret(_vault.Key, secret);
            _encrypted[secret.PubKey] = encrypted;
            _records.WriteEncryptedSecret(Id, secret.PubKey, encrypted);
        }
        else
        {
            _plain[secret.PubKey] = secret;
            _records.WriteSecret(Id, secret);
        }
    }

    private bool TryExpand(int index, SecretParents parents)
    {
        int place = 0;
        List<PubKey> keys = [];
        foreach (KeyExpression key in Descriptor.Keys)
        {
            if (key.Derive((uint)index) is null && key.DeriveHardened((uint)index, parents) is null)
            {
                return false;
            }

            keys.Add(key.Derive((uint)index)!);
            WriteCache(key, place++, (uint)index, parents);
        }

        foreach (Script script in Descriptor.Expand((uint)index))
        {
            _scripts[script] = index;
            _isNew(this, script);
        }

        keys.ForEach(key => _pubKeys.TryAdd(key, index));
        return true;
    }

    private void WriteCache(KeyExpression key, int place, uint index, SecretParents parents)
    {
        if (key.IsHardRange)
        {
            if (index > _last && key.DeriveHardened(index, parents) is { } derived)
            {
                _records.WriteDerived(Id, place, index, derived);
            }

            return;
        }

        if (!_written.Add(place) || key.Parent is not { } parent)
        {
            return;
        }

        _records.WriteParent(Id, place, parent);
        if (key.NeedsSecret
            && (key.LastHardened
                ?? (key.DeriveHardened(index, parents) is null ? null : key.LastHardened)) is { } lastHardened)
        {
            _records.WriteLastHardened(Id, place, lastHardened);
        }
    }

    private SolvingData MakeSolving(int index)
    {
        SolvingData data = new();
        foreach (KeyExpression key in Descriptor.Keys)
        {
            if (key.Derive((uint)index) is { } derived)
            {
                data.Add(derived, key.Origin((uint)index));
            }

            if (key.ParticipantKeys((uint)index) is { Length: > 0 } participants)
            {
                data.AddAggregate(MusigKeys.Aggregate(participants), participants);
            }
        }

        foreach (Script inner in Descriptor.InnerScripts((uint)index))
        {
            data.Add(inner);
        }

        if (Descriptor.TaprootSpending((uint)index) is { } spending)
        {
            data.Add(Descriptor.Expand((uint)index).First(), spending);
        }

        // A witness program inside a script hash follows from its key.
        foreach (Script script in Descriptor.Expand((uint)index))
        {
            if (ScriptKinds.Of(script) == ScriptKind.ScriptHash && data.Inner(script) is null)
            {
                data.Keys.ToList().ForEach(key => data.Add(key.WitHash.ScriptPubKey));
            }
        }

        return data;
    }
}
