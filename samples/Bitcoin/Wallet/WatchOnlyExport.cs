using Bitcoin.Descriptors;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet;

/// <summary>Exports a watch-only copy of a wallet: everything except the private keys.</summary>
internal static class WatchOnlyExport
{
    // Records that are written anew, and records with private keys.
    private static readonly HashSet<string> s_left = new(StringComparer.Ordinal)
    {
        "flags", "mkey", "walletdescriptor", "walletdescriptorcache", "walletdescriptorlhcache", "walletdescriptorkey",
        "walletdescriptorckey", "activeexternalspk", "activeinternalspk",
    };

    /// <summary>Writes the file of the copy. Called with the wallet's gate held.</summary>
    /// <param name="wallet">The wallet with the keys; it may be locked.</param>
    /// <param name="directory">An empty directory for the file.</param>
    /// <exception cref="WalletFileException">The file cannot be written.</exception>
    internal static void Write(DescriptorWallet wallet, string directory)
    {
        using WalletDatabase database = WalletDatabase.Open(
            directory, wallet.Network.Magic, isNew: true, wallet.Options.WaitsForDisk);
        database.InTransaction(() =>
        {
            foreach ((byte[] key, byte[] value) in wallet.Records.Database.WithPrefix([]))
            {
                if (!s_left.Contains(new RecordReader(key).Text()))
                {
                    database.Write(key, value);
                }
            }

            WalletRecords records = new(database);
            records.WriteFlags(wallet.Flags | WalletFlags.DisablePrivateKeys);
            foreach (DescriptorKeys keys in wallet.Keys.All.Where(static keys => !keys.Descriptor.IsUnused))
            {
                Write(wallet, keys, records);
            }
        });
    }

    private static void Write(DescriptorWallet wallet, DescriptorKeys keys, WalletRecords records)
    {
        // Begins with the key after the last hardened step, so that no private key is needed.
        if (!Descriptor.TryParse(
            keys.PublicText, wallet.Network, needsChecksum: true, out Descriptor? descriptor, out string error))
        {
            throw new WalletFileException(error);
        }

        NBitcoin.uint256 id = DescriptorKeys.IdOf(descriptor);
        records.WriteDescriptor(
            id, new DescriptorRecord(keys.PublicText, (ulong)keys.Created, keys.Next, keys.Start, keys.End));
        if (id == keys.Id)
        {
            // The last step is hardened: only the scripts that are already derived can be exported.
            wallet.Records.CopyCache(id, records);
        }

        if (wallet.Keys.IsInternal(keys) is { } isInternal && descriptor.OutputType is { } type)
        {
            records.WriteActive(type, isInternal, id);
        }
    }
}
