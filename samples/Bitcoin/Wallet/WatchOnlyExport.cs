using Bitcoin.Descriptors;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet;

/// <summary>Makes a wallet that watches what another one has: all of it but the private keys.</summary>
internal static class WatchOnlyExport
{
    // Written anew, or with private keys in them.
    private static readonly HashSet<string> s_left = new(StringComparer.Ordinal)
    {
        "flags", "mkey", "walletdescriptor", "walletdescriptorcache", "walletdescriptorlhcache", "walletdescriptorkey",
        "walletdescriptorckey", "activeexternalspk", "activeinternalspk",
    };

    /// <summary>Writes the file of the watching wallet. The gate of the wallet is held.</summary>
    /// <param name="wallet">The wallet with the keys; it may be locked.</param>
    /// <param name="directory">Where the file is made; nothing else is there.</param>
    /// <exception cref="WalletFileException">It cannot be written.</exception>
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
        // With the key behind the last hardened step at the front, so that no private key is needed further on.
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
            // Steps that are hardened at the end: what was derived before is all that there will be.
            wallet.Records.CopyCache(id, records);
        }

        if (wallet.Keys.IsInternal(keys) is { } isInternal && descriptor.OutputType is { } type)
        {
            records.WriteActive(type, isInternal, id);
        }
    }
}
