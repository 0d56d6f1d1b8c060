using System.Buffers;

namespace Multiprocess.Serialization.Codecs;

/// <summary>Bounds the time that a hash collection of chosen keys can cost.</summary>
/// <remarks>
/// The hash codes of numbers, times and guids can be computed by anybody, so a peer could choose keys that all meet in
/// one bucket, and n of them would take n² steps. (Those of strings are seeded, or become so on the first collisions.)
/// A comparer with a seed would show in the collection's <c>Comparer</c> and cost every later look-up. Instead this
/// counts, while a collection of more than 256 elements is read, how many fell into each bucket, and refuses the value
/// past 256 in one: honest keys never come near, and the cost stays linear.
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
                    $"More than {MaxChain} keys of type {typeof(T)} in one collection have colliding hash codes.");
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
