namespace Bitcoin.Node.Net;

// The consistency of the tables, with -checkaddrman.
internal sealed partial class AddressBook
{
    /// <summary>Checks the book in one of so many operations. Called under the gate.</summary>
    /// <exception cref="InvalidOperationException">It contradicts itself.</exception>
    private void Check()
    {
        if (_checks <= 0 || Random.Shared.Next(_checks) != 0)
        {
            return;
        }

        int tried = _entries.Values.Count(static entry => entry.IsTried);
        _log($"CheckAddrman: new {_entries.Count - tried}, tried {tried}, total {_entries.Count} started");
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        Dictionary<AddressEntry, int> references = [];
        for (int bucket = 0; bucket < NewBuckets; bucket++)
        {
            for (int position = 0; position < BucketSize; position++)
            {
                if (_new[bucket, position] is { } entry)
                {
                    Expect(!entry.IsTried && entry.Position(Key, isNew: true, bucket) == position, entry);
                    references[entry] = references.GetValueOrDefault(entry) + 1;
                }
            }
        }

        int found = 0;
        for (int bucket = 0; bucket < TriedBuckets; bucket++)
        {
            for (int position = 0; position < BucketSize; position++)
            {
                if (_tried[bucket, position] is { } entry)
                {
                    found++;
                    Expect(
                        entry.IsTried
                            && entry.TriedBucket(Key, Groups) == bucket
                            && entry.Position(Key, isNew: false, bucket) == position,
                        entry);
                }
            }
        }

        foreach (AddressEntry entry in _entries.Values)
        {
            Expect(
                entry.References == references.GetValueOrDefault(entry)
                    && entry.References <= MaxReferences
                    && entry.IsTried == (entry.References == 0),
                entry);
        }

        if (found != tried || references.Count != _entries.Count - tried)
        {
            throw new InvalidOperationException(
                $"Address book: Expected {tried} tried and {_entries.Count - tried} new addresses in the tables, got "
                    + $"{found} and {references.Count}.");
        }

        double milliseconds = System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        _log(System.FormattableString.Invariant($"CheckAddrman: completed ({milliseconds:F2}ms)"));
    }

    private static void Expect(bool isTrue, AddressEntry entry)
    {
        if (!isTrue)
        {
            throw new InvalidOperationException(
                $"Address book: Expected {entry.Address} at its places, got other places, or more or fewer.");
        }
    }
}
