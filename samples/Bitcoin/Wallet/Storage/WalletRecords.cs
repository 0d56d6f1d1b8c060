using Bitcoin.Descriptors;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Encryption;
using NBitcoin;

namespace Bitcoin.Wallet.Storage;

/// <summary>A descriptor as it stands in a wallet's file.</summary>
/// <param name="Text">The descriptor, without private keys.</param>
/// <param name="Created">Seconds since 1970: no earlier transaction concerns it.</param>
/// <param name="Next">The next place of its range to be given out.</param>
/// <param name="Start">The first place of its range.</param>
/// <param name="End">The place behind the last of its range.</param>
internal sealed record DescriptorRecord(string Text, ulong Created, int Next, int Start, int End);

/// <summary>What stands in a wallet's file, record by record, each under the name that Bitcoin Core gives it.</summary>
internal sealed class WalletRecords(WalletDatabase database)
{
    // As getnetworkinfo has it.
    private const int ClientVersion = 10000;
    private const int LocatorVersion = 70016;
    private const byte Yes = (byte)'1';

    internal WalletDatabase Database => database;

    internal void WriteVersion()
        => database.Write(Key("version").ToArray(), new RecordWriter().Int(ClientVersion).ToArray());

    /// <summary>The version of the program that had the wallet last; null where it is not known.</summary>
    internal int? ReadVersion()
        => database.Read(Key("version").ToArray()) is { Length: sizeof(int) } value
            ? BitConverter.ToInt32(value)
            : null;

    internal WalletFlags? ReadFlags()
    {
        if (database.Read(Key("flags").ToArray()) is not { } value)
        {
            return null;
        }

        RecordReader reader = new(value);
        return (WalletFlags)reader.ULong();
    }

    internal void WriteFlags(WalletFlags flags)
        => database.Write(Key("flags").ToArray(), new RecordWriter().ULong((ulong)flags).ToArray());

    internal void WriteMasterKey(uint id, MasterKey key) => database.Write(Key("mkey").UInt(id).ToArray(), key.Write());

    internal void EraseMasterKey(uint id) => database.Erase(Key("mkey").UInt(id).ToArray());

    internal IEnumerable<(uint Id, MasterKey Key)> MasterKeys()
    {
        foreach ((byte[] key, byte[] value) in Of("mkey"))
        {
            yield return (BitConverter.ToUInt32(key), MasterKey.Read(value));
        }
    }

    internal void WriteDescriptor(uint256 id, DescriptorRecord record)
    {
        database.Write(
            Key("walletdescriptor").Hash(id).ToArray(),
            new RecordWriter().Text(record.Text).ULong(
                record.Created).Int(record.Next).Int(record.Start).Int(record.End).ToArray());
    }

    internal IEnumerable<(uint256 Id, DescriptorRecord Record)> Descriptors()
    {
        foreach ((byte[] key, byte[] value) in Of("walletdescriptor"))
        {
            RecordReader reader = new(value);
            yield return (new uint256(key), new DescriptorRecord(
                reader.Text(), reader.ULong(), reader.Int(), reader.Int(), reader.Int()));
        }
    }

    internal void WriteParent(uint256 id, int place, ExtPubKey key)
        => database.Write(
            Key("walletdescriptorcache").Hash(id).Int(place).ToArray(),
            new RecordWriter().Vector(Extended(key)).ToArray());

    internal void WriteDerived(uint256 id, int place, uint index, ExtPubKey key)
        => database.Write(
            Key("walletdescriptorcache").Hash(id).Int(place).UInt(index).ToArray(),
            new RecordWriter().Vector(Extended(key)).ToArray());

    internal void WriteLastHardened(uint256 id, int place, ExtPubKey key)
        => database.Write(
            Key("walletdescriptorlhcache").Hash(id).Int(place).ToArray(),
            new RecordWriter().Vector(Extended(key)).ToArray());

    /// <summary>Puts what was derived before into the keys of a descriptor.</summary>
    internal void ReadCache(uint256 id, Descriptor descriptor)
    {
        KeyExpression[] keys = [.. descriptor.Keys];
        foreach ((byte[] key, byte[] value) in Of("walletdescriptorcache", id))
        {
            RecordReader reader = new(key);
            KeyExpression expression = At(keys, reader.Int());
            if (reader.IsAtEnd)
            {
                expression.Remember(Extended(value), null);
            }
            else
            {
                expression.Remember(reader.UInt(), Extended(value));
            }
        }

        foreach ((byte[] key, byte[] value) in Of("walletdescriptorlhcache", id))
        {
            At(keys, BitConverter.ToInt32(key)).Remember(null, Extended(value));
        }
    }

    /// <summary>Copies what was derived of a descriptor to another wallet.</summary>
    internal void CopyCache(uint256 id, WalletRecords other)
    {
        foreach (string name in (string[])["walletdescriptorcache", "walletdescriptorlhcache"])
        {
            foreach ((byte[] key, byte[] value) in database.WithPrefix(Key(name).Hash(id).ToArray()))
            {
                other.Database.Write(key, value);
            }
        }
    }

    internal void WriteSecret(uint256 id, Key secret)
    {
        byte[] pubKey = secret.PubKey.ToBytes();
        byte[] form = PrivateKeyForm.Write(secret);
        database.Write(
            Key("walletdescriptorkey").Hash(id).Vector(pubKey).ToArray(),
            new RecordWriter().Vector(form).Hash(DoubleHash([.. pubKey, .. form])).ToArray());
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(form);
    }

    internal void WriteEncryptedSecret(uint256 id, PubKey pubKey, byte[] encrypted)
    {
        database.Write(
            Key("walletdescriptorckey").Hash(id).Vector(pubKey.ToBytes()).ToArray(),
            new RecordWriter().Vector(encrypted).ToArray());
        database.Erase(Key("walletdescriptorkey").Hash(id).Vector(pubKey.ToBytes()).ToArray());
    }

    internal IEnumerable<Key> Secrets(uint256 id)
    {
        foreach ((byte[] key, byte[] value) in Of("walletdescriptorkey", id))
        {
            PubKey pubKey = PublicKey(key);
            RecordReader reader = new(value);
            byte[] form = reader.Vector();
            if (reader.Hash() != DoubleHash([.. pubKey.ToBytes(), .. form]))
            {
                throw new InvalidDataException("A private key of the wallet does not fit its checksum.");
            }

            yield return PrivateKeyForm.Read(form, pubKey);
        }
    }

    internal IEnumerable<(PubKey PubKey, byte[] Encrypted)> EncryptedSecrets(uint256 id)
    {
        foreach ((byte[] key, byte[] value) in Of("walletdescriptorckey", id))
        {
            RecordReader reader = new(value);
            yield return (PublicKey(key), reader.Vector());
        }
    }

    internal void WriteActive(OutputType type, bool isInternal, uint256 id)
        => database.Write(Key(Active(isInternal)).Byte((byte)type).ToArray(), new RecordWriter().Hash(id).ToArray());

    internal void EraseActive(OutputType type, bool isInternal)
        => database.Erase(Key(Active(isInternal)).Byte((byte)type).ToArray());

    internal IEnumerable<(OutputType Type, uint256 Id)> ActiveDescriptors(bool isInternal)
    {
        foreach ((byte[] key, byte[] value) in Of(Active(isInternal)))
        {
            yield return ((OutputType)key[0], new uint256(value));
        }
    }

    internal void WriteName(string address, string label)
        => database.Write(Key("name").Text(address).ToArray(), new RecordWriter().Text(label).ToArray());

    internal void WritePurpose(string address, string purpose)
        => database.Write(Key("purpose").Text(address).ToArray(), new RecordWriter().Text(purpose).ToArray());

    internal void EraseAddress(string address)
    {
        database.ErasePrefix(Key("destdata").Text(address).ToArray());
        database.Erase(Key("purpose").Text(address).ToArray());
        database.Erase(Key("name").Text(address).ToArray());
    }

    internal void WriteAddressData(string address, string name, string value)
        => database.Write(Key("destdata").Text(address).Text(name).ToArray(), new RecordWriter().Text(value).ToArray());

    internal IEnumerable<(string Address, string Text)> Texts(string record)
    {
        foreach ((byte[] key, byte[] value) in Of(record))
        {
            RecordReader name = new(key);
            RecordReader text = new(value);
            yield return (name.Text(), text.Text());
        }
    }

    internal IEnumerable<(string Address, string Name, string Value)> AddressData()
    {
        foreach ((byte[] key, byte[] value) in Of("destdata"))
        {
            RecordReader name = new(key);
            RecordReader text = new(value);
            yield return (name.Text(), name.Text(), text.Text());
        }
    }

    internal void WriteTransaction(WalletTransaction transaction)
    {
        foreach (Transaction variant in transaction.Variants)
        {
            database.Write(
                Key("wtxvariant").Hash(transaction.Id).Hash(variant.GetWitHash()).ToArray(), variant.ToBytes());
        }

        database.Write(Key("tx").Hash(transaction.Id).ToArray(), TransactionForm.Write(transaction));
    }

    internal void EraseTransaction(uint256 id)
    {
        database.Erase(Key("tx").Hash(id).ToArray());
        database.ErasePrefix(Key("wtxvariant").Hash(id).ToArray());
    }

    internal IEnumerable<WalletTransaction> Transactions(Network network)
    {
        foreach ((byte[] key, byte[] value) in Of("tx"))
        {
            uint256 id = new(key);
            WalletTransaction transaction = TransactionForm.Read(value, network);
            if (transaction.Id != id)
            {
                throw new InvalidDataException($"The wallet has transaction {transaction.Id} where {id} should be.");
            }

            foreach ((_, byte[] variant) in Of("wtxvariant", id))
            {
                transaction.AddVariant(Transaction.Load(variant, network));
            }

            yield return transaction;
        }
    }

    internal void WriteNextOrder(long next)
        => database.Write(Key("orderposnext").ToArray(), new RecordWriter().Long(next).ToArray());

    internal long ReadNextOrder()
    {
        if (database.Read(Key("orderposnext").ToArray()) is not { } value)
        {
            return 0;
        }

        RecordReader reader = new(value);
        return reader.Long();
    }

    internal void WriteLocked(OutPoint coin)
        => database.Write(Key("lockedutxo").Hash(coin.Hash).UInt(coin.N).ToArray(), [Yes]);

    internal void EraseLocked(OutPoint coin)
        => database.Erase(Key("lockedutxo").Hash(coin.Hash).UInt(coin.N).ToArray());

    internal IEnumerable<OutPoint> LockedCoins()
    {
        foreach ((byte[] key, _) in Of("lockedutxo"))
        {
            RecordReader reader = new(key);
            yield return new OutPoint(reader.Hash(), reader.UInt());
        }
    }

    internal void WriteBestBlock(IReadOnlyList<uint256> locator)
    {
        // Empty under the older name: a program that knows no other one rescans.
        database.Write(Key("bestblock").ToArray(), Locator([]));
        database.Write(Key("bestblock_nomerkle").ToArray(), Locator(locator));
    }

    internal uint256[] ReadBestBlock()
    {
        foreach (string name in (string[])["bestblock", "bestblock_nomerkle"])
        {
            if (database.Read(Key(name).ToArray()) is { } value)
            {
                RecordReader reader = new(value);
                reader.Int();
                uint256[] hashes = new uint256[reader.Size()];
                for (int i = 0; i < hashes.Length; i++)
                {
                    hashes[i] = reader.Hash();
                }

                if (hashes.Length > 0)
                {
                    return hashes;
                }
            }
        }

        return [];
    }

    /// <summary>Whether there is a record that only wallets from before descriptors have.</summary>
    internal bool HasLegacyRecords() => new[]
    {
        "ckey", "cscript", "defaultkey", "hdchain", "keymeta", "key", "wkey", "pool", "watchmeta", "watchs"
    }.Any(name => Of(name).Count > 0);

    private static byte[] Locator(IReadOnlyList<uint256> hashes)
    {
        RecordWriter writer = new RecordWriter().Int(LocatorVersion).Size((ulong)hashes.Count);
        foreach (uint256 hash in hashes)
        {
            writer.Hash(hash);
        }

        return writer.ToArray();
    }

    private static string Active(bool isInternal) => isInternal ? "activeinternalspk" : "activeexternalspk";

    private static RecordWriter Key(string name) => new RecordWriter().Text(name);

    private static uint256 DoubleHash(byte[] bytes)
        => new(System.Security.Cryptography.SHA256.HashData(System.Security.Cryptography.SHA256.HashData(bytes)));

    private static PubKey PublicKey(byte[] key)
    {
        RecordReader reader = new(key);
        return PubKey.TryCreatePubKey(reader.Vector(), out PubKey? pubKey)
            ? pubKey
            : throw new InvalidDataException("A public key of the wallet is damaged.");
    }

    private static KeyExpression At(KeyExpression[] keys, int place)
    {
        return place >= 0 && place < keys.Length
            ? keys[place]
            : throw new InvalidDataException(
                $"The wallet has a key for place {place} of a descriptor. Expected 0 to {keys.Length - 1}.");
    }

    // As in BIP32, without the four bytes of the network.
    private static byte[] Extended(ExtPubKey key) => key.ToBytes();

    private static ExtPubKey Extended(byte[] value)
    {
        RecordReader reader = new(value);
        return new ExtPubKey(reader.Vector());
    }

    // The keys without the name, or without the name and the id.
    private List<(byte[] Key, byte[] Value)> Of(string name, uint256? id = null)
    {
        byte[] prefix = (id is null ? Key(name) : Key(name).Hash(id)).ToArray();
        return [.. database.WithPrefix(prefix).Select(record => (record.Key[prefix.Length..], record.Value))];
    }
}
