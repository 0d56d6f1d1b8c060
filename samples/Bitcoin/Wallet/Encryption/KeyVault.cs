using System.Security.Cryptography;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet.Encryption;

/// <summary>The key that encrypts the private keys of a wallet, while the wallet is unlocked.</summary>
/// <remarks>
/// Unencrypted → encrypted and locked ⇄ unlocked. Used under the wallet's gate. The key is wiped when the wallet is
/// locked or unloaded. Its array is pinned, so the garbage collector leaves no copies.
/// </remarks>
internal sealed class KeyVault(WalletRecords records) : IDisposable
{
    private readonly SortedDictionary<uint, MasterKey> _masters = [];
    private byte[]? _key;

    internal bool IsEncrypted => _masters.Count > 0;

    internal bool IsLocked => IsEncrypted && _key is null;

    /// <summary>The key; null while the wallet is locked or not encrypted.</summary>
    internal ReadOnlySpan<byte> Key => _key;

    internal void Load(uint id, MasterKey master) => _masters.Add(id, master);

    internal void Clear() => _masters.Clear();

    internal IEnumerable<uint> Ids => _masters.Keys;

    /// <summary>Creates a key and stores it encrypted with a passphrase. The wallet is unlocked afterwards.</summary>
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
    /// <param name="opens">Tells whether a key decrypts the private keys.</param>
    /// <returns>False if the passphrase is wrong.</returns>
    internal bool Unlock(ReadOnlySpan<byte> passphrase, Func<byte[], bool> opens) => Find(passphrase, opens, out _);

    /// <summary>Stores the key encrypted with another passphrase. A locked wallet is locked again afterwards.</summary>
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
