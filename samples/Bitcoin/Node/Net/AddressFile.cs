using System.Security.Cryptography;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

/// <summary>
/// Stores the address book in peers.dat, in Bitcoin Core's format: entries, then the buckets of the new table.
/// </summary>
internal static class AddressFile
{
    internal const string Name = "peers.dat";

    private const byte Format = 4;
    private const byte FirstFormatOfBip155 = 3;
    private const byte FirstFormatWithAsMap = 2;
    private const byte CompatibleBase = 32;
    private const int BucketsMask = 1 << 30;
    private const int ChecksumBytes = 32;
    private const int DiskVersion = 220_000 | (1 << 29);
    private const int MaxNew = AddressBook.NewBuckets * AddressBook.BucketSize;
    private const int MaxTried = AddressBook.TriedBuckets * AddressBook.BucketSize;

    /// <summary>Reads the book, or creates an empty one if there is no file.</summary>
    /// <exception cref="HostException">The file is damaged.</exception>
    internal static AddressBook Load(
        string path,
        NetworkParameters network,
        TimeProvider clock,
        DebugLog log,
        uint256? fixedKey,
        NetGroups groups,
        int checks)
    {
        AddressBook Make(uint256? key) => new(clock, Log, fixedKey ?? key, groups, checks);
        void Log(string text) => log.Write("addrman", text);
        try
        {
            if (!File.Exists(path))
            {
                log.Write($"Creating {Name} because the file was not found (\"{path}\")");
                return Begin();
            }

            AddressBook book = Read(File.ReadAllBytes(path), network, Log, Make);
            log.Write($"Loaded {book.Count} addresses from {Name}");
            return book;
        }
        catch (NotSupportedException)
        {
            File.Move(path, path + ".bak", overwrite: true);
            log.Write(
                $"Creating new {Name} because the file version was not compatible (\"{path}\"). Original backed up to "
                    + $"{Name}.bak");
            return Begin();
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new HostException(
                $"Invalid or corrupt {Name} ({exception.Message}). If you believe this is a bug, please report it to this repository. "
                    + $"As a workaround, you can move the file (\"{path}\") out of the way (rename, move, or delete) to "
                    + $"have a new one created on the next start.",
                exception);
        }

        AddressBook Begin()
        {
            AddressBook book = Make(null);
            TrySave(book, path, network, log);
            return book;
        }
    }

    /// <summary>Writes the book; a failure is logged.</summary>
    internal static void TrySave(AddressBook book, string path, NetworkParameters network, DebugLog log)
    {
        try
        {
            string temporary = $"{path}.{RandomNumberGenerator.GetHexString(4, lowercase: true)}";
            File.WriteAllBytes(temporary, Write(book, network));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Warn($"{Name} could not be written: {exception.Message}");
        }
    }

    internal static byte[] Write(AddressBook book, NetworkParameters network)
    {
        IReadOnlyList<(int Bucket, int Position, AddressEntry Entry)> places = book.Table(isTried: false);
        AddressEntry[] fresh = [.. places.Select(static place => place.Entry).Distinct()];
        AddressEntry[] tried = [.. book.Table(isTried: true).Select(static place => place.Entry)];
        Dictionary<AddressEntry, int> numbers = fresh.Index().ToDictionary(
            static pair => pair.Item, static pair => pair.Index);
        WireWriter writer = new WireWriter()
            .Bytes(network.Magic.Span)
            .Byte(Format)
            .Byte(CompatibleBase + Format)
            .Hash(book.Key)
            .UInt32((uint)fresh.Length).UInt32((uint)tried.Length).UInt32(AddressBook.NewBuckets ^ BucketsMask);
        foreach (AddressEntry entry in fresh.Concat(tried))
        {
            writer.UInt32(DiskVersion).UInt32((uint)entry.Time).Count((long)entry.Services);
            entry.Address.Write(writer, hasPort: true);
            entry.Source.Write(writer, hasPort: false);
            writer.Int64(entry.LastSuccess).UInt32((uint)entry.Attempts);
        }

        ILookup<int, AddressEntry> buckets = places.ToLookup(static place => place.Bucket, static place => place.Entry);
        for (int bucket = 0; bucket < AddressBook.NewBuckets; bucket++)
        {
            writer.UInt32((uint)buckets[bucket].Count());
            foreach (AddressEntry entry in buckets[bucket])
            {
                writer.UInt32((uint)numbers[entry]);
            }
        }

        writer.Hash(book.Groups.Version);
        byte[] body = writer.ToArray();
        return [.. body, .. Hashes.DoubleSHA256RawBytes(body, 0, body.Length)];
    }

    /// <exception cref="FormatException">The bytes are damaged.</exception>
    /// <exception cref="NotSupportedException">The file has a later version.</exception>
    internal static AddressBook Read(
        byte[] bytes, NetworkParameters network, Action<string> log, Func<uint256?, AddressBook> make)
    {
        WireReader reader = new(bytes);
        try
        {
            if (!reader.Take(network.Magic.Length).SequenceEqual(network.Magic.Span))
            {
                throw new FormatException("Invalid network magic number");
            }

            AddressBook book = ReadBook(ref reader, log, make);
            byte[] checksum = reader.Take(ChecksumBytes).ToArray();
            int length = bytes.Length - reader.Left - ChecksumBytes;
            if (!Hashes.DoubleSHA256RawBytes(bytes, 0, length).AsSpan().SequenceEqual(checksum))
            {
                throw new FormatException("Checksum mismatch, data corrupted");
            }

            return book;
        }
        catch (FormatException exception) when (exception.Message.Contains("end of data", StringComparison.Ordinal))
        {
            throw new FormatException("AutoFile::read: end of file: iostream error", exception);
        }
    }

    private static AddressBook ReadBook(
        ref WireReader reader, Action<string> log, Func<uint256?, AddressBook> make)
    {
        byte format = reader.Byte();
        byte compatible = reader.Byte();
        if (compatible < CompatibleBase)
        {
            throw new FormatException(
                $"Corrupted addrman database: The compat value ({compatible}) is lower than the expected minimum value "
                    + $"{CompatibleBase}.: iostream error");
        }

        if (compatible - CompatibleBase > Format)
        {
            throw new NotSupportedException($"Unsupported format of addrman database: {format}.");
        }

        uint256 key = reader.Hash();
        int newCount = reader.Int32();
        int triedCount = reader.Int32();
        int buckets = reader.Int32() ^ (format >= 1 ? BucketsMask : 0);
        if (newCount is < 0 or > MaxNew)
        {
            throw new FormatException(
                $"Corrupt AddrMan serialization: nNew={newCount}, should be in [0, {MaxNew}]: iostream error");
        }

        if (triedCount is < 0 or > MaxTried)
        {
            throw new FormatException(
                $"Corrupt AddrMan serialization: nTried={triedCount}, should be in [0, {MaxTried}]: iostream error");
        }

        bool isSecondVersion = format >= FirstFormatOfBip155;
        AddressEntry?[] fresh = new AddressEntry?[newCount];
        for (int i = 0; i < newCount; i++)
        {
            fresh[i] = ReadEntry(ref reader, isSecondVersion);
        }

        AddressEntry?[] tried = new AddressEntry?[triedCount];
        for (int i = 0; i < triedCount; i++)
        {
            tried[i] = ReadEntry(ref reader, isSecondVersion);
        }

        List<int>[] places = [.. Enumerable.Range(0, newCount).Select(static _ => new List<int>())];
        for (int bucket = 0; bucket < buckets; bucket++)
        {
            int count = reader.Int32();
            for (int i = 0; i < count; i++)
            {
                if (reader.Int32() is var number && number >= 0 && number < newCount && bucket < AddressBook.NewBuckets)
                {
                    places[number].Add(bucket);
                }
            }
        }

        if (key == uint256.Zero)
        {
            throw new FormatException("Corrupt data. Consistency check failed with code -16: iostream error");
        }

        AddressBook book = make(key);

        // The buckets of other groups are of no use.
        uint256 version = format >= FirstFormatWithAsMap && reader.Left > ChecksumBytes ? reader.Hash() : uint256.Zero;
        bool hasPlaces = version == book.Groups.Version;
        int lost = 0;
        foreach (AddressEntry? entry in tried)
        {
            if (entry is not null)
            {
                entry.IsTried = true;
            }

            lost += entry is not null && book.Restore(entry, []) ? 0 : 1;
        }

        for (int i = 0; i < newCount; i++)
        {
            lost += fresh[i] is { } entry
                && book.Restore(
                    entry,
                    hasPlaces && places[i].Count > 0
                        ? places[i]
                        : [entry.NewBucket(book.Key, book.Groups, entry.Source)])
                ? 0
                : 1;
        }

        if (lost > 0)
        {
            log($"addrman lost {lost} addresses due to collisions or invalid addresses");
        }

        return book;
    }

    /// <summary>Reads an entry; null if its address belongs to an unknown network.</summary>
    private static AddressEntry? ReadEntry(ref WireReader reader, bool isSecondVersion)
    {
        reader.UInt32();
        uint time = reader.UInt32();
        ulong services = isSecondVersion ? reader.Count() : reader.UInt64();
        NetAddress? address = isSecondVersion
            ? NetAddress.Read(ref reader, hasPort: true)
            : PeerMessages.ReadAddress(ref reader);
        NetAddress? source = isSecondVersion
            ? NetAddress.Read(ref reader, hasPort: false)
            : NetAddress.From(new System.Net.IPAddress(reader.Take(16)), 0);
        long lastSuccess = reader.Int64();
        int attempts = reader.Int32();
        return address is null || source is null ? null : new AddressEntry(address, source)
        {
            Time = time,
            Services = services,
            LastSuccess = lastSuccess,
            Attempts = attempts,
        };
    }
}
