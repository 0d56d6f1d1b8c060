using System.Buffers;

namespace Multiprocess.Serialization.Codecs;

/// <summary>Limits the time that chosen keys can cost a hash collection.</summary>
/// <remarks>
/// Anybody can compute the hash codes of numbers, times and guids. So a peer could choose keys that all fall into one
/// bucket, and n of them would take n² steps. (Hash codes of strings are seeded, or become so after the first
/// collisions.) A seeded comparer would be visible as the collection's <c>Comparer</c> and slow every later look-up.
/// Instead, while a collection of more than 256 elements is read, this type counts the keys per bucket and refuses the
/// value when one bucket gets more than 256. Honest keys never come near that number, and the cost stays linear.
/// </remarks>
internal struct CollisionWatch<T>
{
    private const int MaxChain = 256;

    private int[]? _chains;
    private readonly uint _buckets;

    public CollisionWatch(int count, int capacity)
    {
        if (count > MaxChain && typeof(T) != typeof(string))
        {
            _buckets = (uint)capacity;
            _chains = ArrayPool<int>.Shared.Rent(capacity);
            _chains.AsSpan(0, capacity).Clear();
        }
    }

    public readonly void Added(T key)
    {
        if (_chains is not null)
        {
            int hash = key is null ? 0 : EqualityComparer<T>.Default.GetHashCode(key);
            if (++_chains[(uint)hash % _buckets] > MaxChain)
            {
                throw new IpcException(
                    IpcErrorKind.ArgumentNotDecoded,
                    $"Collection of {typeof(T)}: Expected at most {MaxChain} keys with colliding hash codes, got more.");
            }
        }
    }

    public void Done()
    {
        if (_chains is not null)
        {
            ArrayPool<int>.Shared.Return(_chains);
            _chains = null;
        }
    }
}
