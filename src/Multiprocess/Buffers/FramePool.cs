using System.Numerics;
using Multiprocess.Locks;

namespace Multiprocess.Buffers;

/// <summary>Pools arrays for the bytes of messages. Thread-safe.</summary>
/// <remarks>
/// Arrays of up to 64 KiB are pinned: otherwise the garbage collector could move an array that holds a secret and leave
/// a copy that nobody can wipe. Larger arrays (<see cref="LargeArrays"/>) lie where the collector does not move them.
/// </remarks>
internal static class FramePool
{
    private const int SmallestBytes = 4 * 1024;
    private const int LargestPinnedBytes = 64 * 1024;

    // Arrays kept per size for all connections together: 4 MiB in total.
    private const int KeptOfEach = 32;

    private static readonly Stock[] s_stocks = [new(), new(), new(), new(), new()];

    /// <summary>Returns an array of at least the given length, with arbitrary contents.</summary>
    public static byte[] Rent(int bytes)
    {
        if (bytes > LargestPinnedBytes)
        {
            return LargeArrays.Rent(bytes);
        }

        int size = Math.Max(SmallestBytes, (int)BitOperations.RoundUpToPowerOf2((uint)bytes));
        return StockOf(size).TryTake() ?? GC.AllocateUninitializedArray<byte>(size, pinned: true);
    }

    /// <summary>Returns an array to the pool. The caller wipes it first if its contents were sensitive.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length > LargestPinnedBytes)
        {
            LargeArrays.Return(array);
        }
        else
        {
            StockOf(array.Length).Keep(array);
        }
    }

    private static Stock StockOf(int size) => s_stocks[BitOperations.Log2((uint)size / SmallestBytes)];

    private sealed class Stock
    {
        private readonly Lock _lock = new();
        private readonly byte[]?[] _kept = new byte[]?[KeptOfEach];
        private int _count;

        public byte[]? TryTake()
        {
            using (Uninterruptible.Enter(_lock))
            {
                if (_count == 0)
                {
                    return null;
                }

                byte[]? array = _kept[--_count];
                _kept[_count] = null;
                return array;
            }
        }

        public void Keep(byte[] array)
        {
            using (Uninterruptible.Enter(_lock))
            {
                if (_count < KeptOfEach)
                {
                    _kept[_count++] = array;
                }
            }
        }
    }
}
