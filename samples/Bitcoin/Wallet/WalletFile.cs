using System.Security.Cryptography;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>Creates and opens the files of wallets.</summary>
internal static class WalletFile
{
    /// <summary>
    /// Creates the file of a wallet with its first keys. The caller makes sure that nobody else uses the directory.
    /// </summary>
    /// <param name="directory">The directory, which need not exist.</param>
    /// <param name="flags">The kind of wallet.</param>
    /// <param name="passphrase">The passphrase; empty for an unencrypted wallet.</param>
    /// <param name="seed">The seed of the keys; null for a random one.</param>
    /// <param name="now">Seconds since 1970: no earlier block concerns the keys.</param>
    /// <param name="locator">Where to start scanning later, as a list of blocks; empty if unknown.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">The options.</param>
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

            // Opening the wallet creates the rest of the scripts.
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

    /// <summary>Opens the file of a wallet.</summary>
    /// <exception cref="WalletFileException">The file cannot be opened. The message is for the user.</exception>
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
                throw new WalletFileException(
                    $"Error loading {file}: Wallet requires newer version of {Currency.Names.Client}");
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
            Load(wallet, file, warnings);
            return wallet;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static void Load(DescriptorWallet wallet, string file, List<string> warnings)
    {
        try
        {
            if (wallet.Records.HasLegacyRecords())
            {
                throw new WalletFileException(
                    $"Unexpected legacy entry in descriptor wallet found. Loading wallet {file}\n\nThe wallet might "
                        + $"have been tampered with or created with malicious intent.\n");
            }

            wallet.Keys.Load();
            wallet.Book.Load();
            wallet.Ledger.Load();
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
            wallet.Log(exception.Message);
            throw new WalletFileException(
                    $"Error loading {file}: Wallet corrupted", exception);
        }

        if (!wallet.HasPrivateKeys && wallet.Keys.Vault.Ids.ToArray() is { Length: > 0 } extraneous)
        {
            wallet.Log(
                "Detected extraneous encryption keys in this wallet without private keys. Removing extraneous "
                    + "encryption keys.");
            wallet.Records.Database.InTransaction(() => Array.ForEach(extraneous, wallet.Records.EraseMasterKey));
            wallet.Keys.Vault.Clear();
        }

        if (!wallet.HasPrivateKeys && wallet.Keys.Active.Any(static keys => keys.HasPrivateKeys))
        {
            warnings.Add($"Warning: Private keys detected in wallet {{{file}}} with disabled private keys");
        }

        wallet.Keys.TopUp(0);
    }
}
