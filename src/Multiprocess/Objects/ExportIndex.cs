using System.Runtime.CompilerServices;

namespace Multiprocess.Objects;

/// <summary>Exports by their object and contract. Not thread-safe: the table's lock guards it.</summary>
/// <remarks>
/// Objects are compared by reference, never by a user's Equals; delegates by Delegate.Equals, on which <c>-=</c> depends.
/// A table of its own, chained through the exports: a dictionary would keep key, hash and link of each once more, three
/// times as many bytes for every live object.
/// </remarks>
internal sealed class ExportIndex
{
    private const int FirstBuckets = 16;

    // As long as a power of two, and at least as many as exports.
    private Export?[] _buckets = new Export?[FirstBuckets];
    private int _count;

    /// <summary>Finds the export of an object under a contract, or null.</summary>
    public Export? Find(object target, ContractBinding contract)
    {
        Export? export = BucketOf(Hash(target));
        while (export is not null && !(export.Contract == contract && IsSame(export.Target, target)))
        {
            export = export.NextInBucket;
        }

        return export;
    }

    /// <summary>Adds what is not in yet.</summary>
    public void Add(Export export)
    {
        if (_count == _buckets.Length)
        {
            Grow();
        }

        Link(export);
        _count++;
    }

    /// <summary>Takes out what is in.</summary>
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

    private static int Hash(object target) => target is Delegate value ? value.GetHashCode() : RuntimeHelpers.GetHashCode(target);

    // A delegate's hash is that of its method and type: its low bits alone would fill few buckets.
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
