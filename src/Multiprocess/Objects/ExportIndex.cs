using System.Runtime.CompilerServices;

namespace Multiprocess.Objects;

/// <summary>Exports by object and contract. Not thread-safe: the table's lock guards it.</summary>
/// <remarks>
/// Objects are compared by reference, never by a user's Equals; delegates by Delegate.Equals, on which <c>-=</c>
/// depends. A hash table chained through the exports: a dictionary would store key, hash and link of each again, three
/// times as many bytes per live object.
/// </remarks>
internal sealed class ExportIndex
{
    private const int FirstBuckets = 16;

    // The length is a power of two, and at least the number of exports.
    private Export?[] _buckets = new Export?[FirstBuckets];
    private int _count;

    /// <summary>Finds the export of an object under a contract; null when there is none.</summary>
    public Export? Find(object target, ContractBinding contract)
    {
        Export? export = BucketOf(Hash(target));
        while (export is not null && !(export.Contract == contract && IsSame(export.Target, target)))
        {
            export = export.NextInBucket;
        }

        return export;
    }

    /// <summary>Adds an export that is not in the index yet.</summary>
    public void Add(Export export)
    {
        if (_count == _buckets.Length)
        {
            Grow();
        }

        Link(export);
        _count++;
    }

    /// <summary>Removes an export that is in the index.</summary>
    public void Remove(Export export)
    {
        ref Export? link = ref BucketOf(Hash(export.Target));
        while (link != export)
        {
            link = ref link!.NextInBucket;
        }

        link = export.NextInBucket;
        export.NextInBucket = null;
        _count--;
    }

    public void Clear()
    {
        _buckets = new Export?[FirstBuckets];
        _count = 0;
    }

    private static bool IsSame(object one, object other)
        => ReferenceEquals(one, other) || (one is Delegate mine && other is Delegate theirs && mine.Equals(theirs));

    private static int Hash(object target)
        => target is Delegate value ? value.GetHashCode() : RuntimeHelpers.GetHashCode(target);

    // The hash of a delegate comes from its method and type: its low bits alone would fill few buckets.
    private ref Export? BucketOf(int hash) => ref _buckets[(hash ^ (hash >>> 15)) & (_buckets.Length - 1)];

    private void Link(Export export)
    {
        ref Export? bucket = ref BucketOf(Hash(export.Target));
        export.NextInBucket = bucket;
        bucket = export;
    }

    private void Grow()
    {
        Export?[] old = _buckets;
        _buckets = new Export?[old.Length * 2];
        foreach (Export? first in old)
        {
            for (Export? export = first; export is not null;)
            {
                Export? next = export.NextInBucket;
                Link(export);
                export = next;
            }
        }
    }
}
