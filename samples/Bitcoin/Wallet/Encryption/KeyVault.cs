using System.Security.Cryptography;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet.Encryption;

/// <summary>
/// Whether a wallet is encrypted, whether it is locked, and the key to its private keys while it is not.
/// </summary>
/// <remarks>
/// Unencrypted → encrypted and locked ⇄ unlocked. Under the wallet's gate. The key is wiped when the wallet is locked,
/// and when it is unloaded; the array is pinned, so that the collector leaves no copies of it.
/// </remarks>
internal sealed class KeyVault(WalletRecords records) : IDisposable
{
    private readonly SortedDictionary<uint, MasterKey> _masters = [];
    private byte[]? _key;

    internal bool IsEncrypted => _masters.Count > 0;

    internal bool IsLocked => IsEncrypted && _key is null;

    /// <summary>The key; null while the wallet is locked, or not encrypted.</summary>
    internal ReadOnlySpan<byte> Key => _key;

    internal void Load(uint id, MasterKey master) => _masters.Add(id, master);

    internal void Clear() => _masters.Clear();

    internal IEnumerable<uint> Ids => _masters.Keys;

    /// <summary>Makes a key and stores it under a passphrase; the wallet is unlocked then.</summary>
    internal void Encrypt(ReadOnlySpan<byte> passphrase)
    {
        byte[] key = Pinned();
        RandomNumberGenerator.Fill(key);
        MasterKey master = MasterKey.Encrypt(key, passphrase);
        uint id = _masters.Count == 0 ? 1 : _masters.Keys.Max() + 1;
        records.WriteMasterKey(id, master);
        _masters.Add(id, master);
        _key = key;
    }

    internal void Lock()
    {
        CryptographicOperations.ZeroMemory(_key);
        _key = null;
    }

    /// <summary>Unlocks the wallet.</summary>
    /// <param name="passphrase">The passphrase.</param>
    /// <param name="opens">Whether a key opens the private keys.</param>
    /// <returns>False when the passphrase is wrong.</returns>
    internal bool Unlock(ReadOnlySpan<byte> passphrase, Func<byte[], bool> opens) => Find(passphrase, opens, out _);

    /// <summary>Stores the key under another passphrase. What was locked is locked again.</summary>
    internal bool Change(ReadOnlySpan<byte> old, ReadOnlySpan<byte> wanted, Func<byte[], bool> opens)
    {
        bool wasLocked = IsLocked;
        Lock();
        if (!Find(old, opens, out uint id))
        {
            return false;
        }

        MasterKey master = MasterKey.Encrypt(_key, wanted);
        records.WriteMasterKey(id, master);
        _masters[id] = master;
        if (wasLocked)
        {
            Lock();
        }

        return true;
    }

    public void Dispose() => Lock();

    private bool Find(ReadOnlySpan<byte> passphrase, Func<byte[], bool> opens, out uint found)
    {
        foreach ((uint id, MasterKey master) in _masters)
        {
            if (master.Decrypt(passphrase) is not { } decrypted)
            {
                continue;
            }

            byte[] key = Pinned();
            decrypted.CopyTo(key, 0);
            CryptographicOperations.ZeroMemory(decrypted);
            if (opens(key))
            {
                Lock();
                _key = key;
                found = id;
                return true;
            }

            CryptographicOperations.ZeroMemory(key);
        }

        found = 0;
        return false;
    }

    private static byte[] Pinned() => GC.AllocateArray<byte>(Crypter.KeyBytes, pinned: true);
}
