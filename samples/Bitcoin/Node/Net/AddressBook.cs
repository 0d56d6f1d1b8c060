using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>Addresses of other nodes: new ones, which peers announced, and tried ones, which answered.</summary>
/// <remarks>
/// Both tables have buckets of fixed size. The possible buckets and positions of an address follow from a secret key,
/// from the address's network group and, for a new address, from the group of its source. So an attacker with few
/// networks cannot fill a table, and nobody can choose which address is displaced. Thread-safe.
/// </remarks>
internal sealed partial class AddressBook
{
    internal const int TriedBuckets = 256;
    internal const int NewBuckets = 1024;
    internal const int BucketSize = 64;

    private const int MaxReferences = 8;
    private const int MaxCollisions = 10;
    private const long Hour = 60 * 60;
    private const long Day = 24 * Hour;
    private const long ReplacementSeconds = 4 * Hour;
    private const long TestSeconds = 40 * 60;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly Dictionary<NetAddress, AddressEntry> _entries = [];
    private readonly AddressEntry?[,] _new = new AddressEntry?[NewBuckets, BucketSize];
    private readonly AddressEntry?[,] _tried = new AddressEntry?[TriedBuckets, BucketSize];
    private readonly List<AddressEntry> _collisions = [];
    private readonly int _checks;
    private long _lastGood = 1;

    /// <summary>Creates an empty book.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="log">Writes a line to the log.</param>
    /// <param name="key">The key that determines the positions; null for a random secret key.</param>
    /// <param name="groups">The groups of addresses; null for those by prefix.</param>
    /// <param name="checks">In how many operations the book is checked once; 0 for never.</param>
    internal AddressBook(
        TimeProvider clock, Action<string> log, uint256? key = null, NetGroups? groups = null, int checks = 0)
    {
        Groups = groups ?? NetGroups.ByPrefix;
        _checks = checks;
        _clock = clock;
        _log = log;
        Key = key ?? new uint256(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
    }

    /// <summary>The key that determines the positions.</summary>
    internal uint256 Key { get; }

    /// <summary>The groups of addresses, which determine their buckets.</summary>
    internal NetGroups Groups { get; }

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Adds addresses that a source announced.</summary>
    /// <returns>The number of addresses that were not in the book before.</returns>
    internal int Add(
        IReadOnlyList<(NetAddress Address, ulong Services, long Time)> addresses,
        NetAddress source,
        long penaltySeconds = 0)
    {
        lock (_gate)
        {
            Check();
            int added = addresses.Count(one => AddOne(one.Address, one.Services, one.Time, source, penaltySeconds));
            if (added > 0)
            {
                _log(
                    $"Added {added} addresses (of {addresses.Count}) from {source.Host}: "
                        + $"{_entries.Values.Count(static entry => entry.IsTried)} tried, "
                        + $"{_entries.Values.Count(static entry => !entry.IsTried)} new");
            }

            return added;
        }
    }

    /// <summary>Restores an entry of a file: a tried one, or a new one in some buckets.</summary>
    /// <returns>Whether it has a position.</returns>
    internal bool Restore(AddressEntry entry, IReadOnlyList<int> buckets)
    {
        lock (_gate)
        {
            if (entry.Address.Network == NetworkNames.Unroutable || _entries.ContainsKey(entry.Address))
            {
                return false;
            }

            if (entry.IsTried)
            {
                int bucket = entry.TriedBucket(Key, Groups);
                ref AddressEntry? place = ref _tried[bucket, entry.Position(Key, isNew: false, bucket)];
                place ??= entry;
                entry.IsTried = ReferenceEquals(place, entry);
            }

            foreach (int bucket in entry.IsTried ? [] : buckets.Take(MaxReferences))
            {
                ref AddressEntry? place = ref _new[bucket, entry.Position(Key, isNew: true, bucket)];
                if (place is null)
                {
                    place = entry;
                    entry.References++;
                }
            }

            return (entry.IsTried || entry.References > 0) && _entries.TryAdd(entry.Address, entry);
        }
    }

    /// <summary>Records that an address answered.</summary>
    /// <returns>Whether it moved to the tried ones.</returns>
    internal bool Good(NetAddress address)
    {
        lock (_gate)
        {
            Check();
            return Good(address, testsBefore: true);
        }
    }

    /// <summary>Records an attempt to connect.</summary>
    internal void Attempt(NetAddress address, bool countsFailure)
    {
        lock (_gate)
        {
            Check();
            if (_entries.TryGetValue(address, out AddressEntry? entry))
            {
                entry.LastTry = Now;
                if (countsFailure && entry.LastCountedTry < _lastGood)
                {
                    entry.LastCountedTry = Now;
                    entry.Attempts++;
                }
            }
        }
    }

    /// <summary>Records that a connection existed until now.</summary>
    internal void Connected(NetAddress address)
    {
        const long UpdateSeconds = 20 * 60;
        lock (_gate)
        {
            Check();
            if (_entries.TryGetValue(address, out AddressEntry? entry) && Now - entry.Time > UpdateSeconds)
            {
                entry.Time = Now;
            }
        }
    }

    /// <summary>Records the services of the node at an address.</summary>
    internal void SetServices(NetAddress address, ulong services)
    {
        lock (_gate)
        {
            Check();
            if (_entries.TryGetValue(address, out AddressEntry? entry))
            {
                entry.Services = services;
            }
        }
    }

    /// <summary>Chooses an address to connect to; null if there is none.</summary>
    /// <param name="isGood">Which addresses may be chosen.</param>
    /// <param name="newOnly">Whether to choose only from the new ones.</param>
    internal AddressEntry? Pick(Func<NetAddress, bool> isGood, bool newOnly = false)
    {
        lock (_gate)
        {
            Check();
            AddressEntry[] candidates = [.. _entries.Values.Where(entry => isGood(entry.Address))];
            bool hasTried = !newOnly && candidates.Any(static entry => entry.IsTried);
            bool hasNew = candidates.Any(static entry => !entry.IsTried);
            if (!hasTried && !hasNew)
            {
                return null;
            }

            bool wantsTried = hasTried && (!hasNew || Random.Shared.Next(2) == 0);
            candidates = [.. candidates.Where(entry => entry.IsTried == wantsTried)];
            long now = Now;
            for (double factor = 1; ; factor *= 1.2)
            {
                AddressEntry entry = candidates[Random.Shared.Next(candidates.Length)];
                if (Random.Shared.NextDouble() < factor * entry.Chance(now))
                {
                    _log($"Selected {entry.Address} from {(wantsTried ? "tried" : "new")}");
                    return entry;
                }
            }
        }
    }

    /// <summary>
    /// A tried address whose position another one wants: if it does not answer, it is removed. Null for none.
    /// </summary>
    internal AddressEntry? PickCollision()
    {
        lock (_gate)
        {
            Check();
            ResolveCollisions();
            return _collisions.Count == 0 ? null : TriedPlace(_collisions[Random.Shared.Next(_collisions.Count)]);
        }
    }

    /// <summary>A random selection of addresses, in random order.</summary>
    /// <param name="most">The maximum number; 0 for all.</param>
    /// <param name="percent">The maximum percentage; 0 for all.</param>
    /// <param name="network">Only this network; null for all.</param>
    /// <param name="filters">Whether to omit bad addresses.</param>
    internal IReadOnlyList<(NetAddress Address, ulong Services, long Time)> Sample(
        int most, int percent, string? network, bool filters = true)
    {
        lock (_gate)
        {
            Check();
            int count = percent == 0 ? _entries.Count : (int)((long)_entries.Count * percent / 100);
            count = most == 0 ? count : Math.Min(count, most);
            AddressEntry[] all = [.. _entries.Values];
            Random.Shared.Shuffle(all);
            long now = Now;
            return
            [
                .. all.Where(
                    entry => (network is null
                        || entry.Address.Network == network) && !(filters && entry.IsTerrible(now)))
                    .Take(count)
                    .Select(static entry => (entry.Address, entry.Services, entry.Time)),
            ];
        }
    }

    /// <summary>The number of addresses of a network, or of all networks.</summary>
    internal (int New, int Tried) Counts(string? network)
    {
        lock (_gate)
        {
            int tried = 0;
            int fresh = 0;
            foreach (AddressEntry entry in _entries.Values.Where(
                entry => network is null || entry.Address.Network == network))
            {
                tried += entry.IsTried ? 1 : 0;
                fresh += entry.IsTried ? 0 : 1;
            }

            return (fresh, tried);
        }
    }

    /// <summary>The entries of a table with their positions.</summary>
    internal IReadOnlyList<(int Bucket, int Position, AddressEntry Entry)> Table(bool isTried)
    {
        lock (_gate)
        {
            AddressEntry?[,] table = isTried ? _tried : _new;
            List<(int, int, AddressEntry)> places = [];
            for (int bucket = 0; bucket < table.GetLength(0); bucket++)
            {
                for (int position = 0; position < BucketSize; position++)
                {
                    if (table[bucket, position] is { } entry)
                    {
                        places.Add((bucket, position, entry));
                    }
                }
            }

            return places;
        }
    }

    private bool AddOne(NetAddress address, ulong services, long time, NetAddress source, long penalty)
    {
        if (address.Network == NetworkNames.Unroutable)
        {
            return false;
        }

        // No penalty for a node that announces itself.
        penalty = address.Host == source.Host ? 0 : penalty;
        if (_entries.TryGetValue(address, out AddressEntry? entry))
        {
            long interval = Now - time < Day ? Hour : Day;
            if (entry.Time < time - interval - penalty)
            {
                entry.Time = Math.Max(0, time - penalty);
            }

            entry.Services |= services;

            // The more positions an address has, the less likely it gets another one.
            if (time <= entry.Time
                || entry.IsTried
                || entry.References == MaxReferences
                || (entry.References > 0 && Random.Shared.Next(1 << entry.References) != 0))
            {
                return false;
            }
        }
        else
        {
            entry = new AddressEntry(address, source) { Services = services, Time = Math.Max(0, time - penalty) };
            _entries.Add(address, entry);
        }

        int bucket = entry.NewBucket(Key, Groups, source);
        int position = entry.Position(Key, isNew: true, bucket);
        AddressEntry? there = _new[bucket, position];
        bool isFree = there is null;
        if (there is not null && !ReferenceEquals(there, entry))
        {
            isFree = there.IsTerrible(Now) || (there.References > 1 && entry.References == 0);
        }

        if (isFree)
        {
            ClearNew(bucket, position);
            entry.References++;
            _new[bucket, position] = entry;
            _log($"Added {address} to new[{bucket}][{position}]");
        }
        else if (entry.References == 0 && !ReferenceEquals(there, entry))
        {
            _entries.Remove(address);
        }

        return isFree;
    }

    private void ClearNew(int bucket, int position)
    {
        if (_new[bucket, position] is not { } entry)
        {
            return;
        }

        _new[bucket, position] = null;
        _log($"Removed {entry.Address} from new[{bucket}][{position}]");
        if (--entry.References == 0)
        {
            _entries.Remove(entry.Address);
        }
    }

    private bool Good(NetAddress address, bool testsBefore)
    {
        _lastGood = Now;
        if (!_entries.TryGetValue(address, out AddressEntry? entry))
        {
            return false;
        }

        entry.LastSuccess = entry.LastTry = Now;
        entry.Attempts = 0;
        if (entry.IsTried)
        {
            return false;
        }

        int bucket = entry.TriedBucket(Key, Groups);
        int position = entry.Position(Key, isNew: false, bucket);
        if (testsBefore && _tried[bucket, position] is { } there)
        {
            if (_collisions.Count < MaxCollisions && !_collisions.Contains(entry))
            {
                _collisions.Add(entry);
            }

            _log(
                $"Collision with {there.Address} while attempting to move {address} to tried table. "
                    + $"Collisions={_collisions.Count}");
            return false;
        }

        MakeTried(entry, bucket, position);
        _log($"Moved {address} to tried[{bucket}][{position}]");
        return true;
    }

    private void MakeTried(AddressEntry entry, int bucket, int position)
    {
        for (int other = 0; other < NewBuckets && entry.References > 0; other++)
        {
            ref AddressEntry? place = ref _new[other, entry.Position(Key, isNew: true, other)];
            if (ReferenceEquals(place, entry))
            {
                place = null;
                entry.References--;
            }
        }

        if (_tried[bucket, position] is { } old)
        {
            old.IsTried = false;
            int newBucket = old.NewBucket(Key, Groups, old.Source);
            int newPosition = old.Position(Key, isNew: true, newBucket);
            ClearNew(newBucket, newPosition);
            old.References = 1;
            _new[newBucket, newPosition] = old;
            _log(
                $"Moved {old.Address} from tried[{bucket}][{position}] to new[{newBucket}][{newPosition}] to make "
                    + $"space");
        }

        _tried[bucket, position] = entry;
        entry.IsTried = true;
    }

    private AddressEntry? TriedPlace(AddressEntry entry)
    {
        int bucket = entry.TriedBucket(Key, Groups);
        return _tried[bucket, entry.Position(Key, isNew: false, bucket)];
    }

    private void ResolveCollisions()
    {
        foreach (AddressEntry entry in _collisions.ToArray())
        {
            AddressEntry? old = TriedPlace(entry);
            bool isOver = !_entries.ContainsKey(entry.Address) || entry.IsTried || old is null;
            if (!isOver && Now - old!.LastSuccess < ReplacementSeconds)
            {
                isOver = true;
            }
            else if (!isOver
                && (Now - old!.LastTry < ReplacementSeconds
                    ? Now - old.LastTry > 60
                    : Now - entry.LastSuccess > TestSeconds))
            {
                _log($"Replacing {old.Address} with {entry.Address} in tried table");
                Good(entry.Address, testsBefore: false);
                isOver = true;
            }

            if (isOver)
            {
                _collisions.Remove(entry);
            }
        }
    }
}
