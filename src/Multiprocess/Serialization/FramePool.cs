using System.Buffers;
using System.Numerics;

namespace Multiprocess.Serialization;

/// <summary>Arrays for the bytes of messages. Thread-safe.</summary>
/// <remarks>
/// Those up to 64 KiB are pinned: the collector would otherwise move one while it holds a secret, and leave a copy that
/// nobody can wipe. Larger ones come from the shared pool, and are where the collector does not move what it keeps.
/// </remarks>
internal static class FramePool
{
    private const int SmallestBytes = 4 * 1024;
    private const int LargestPinnedBytes = 64 * 1024;

    // Of each size, what idle connections may keep together: 4 MiB in all.
    private const int KeptOfEach = 32;

    private static readonly Stock[] s_stocks = [new(), new(), new(), new(), new()];

    /// <summary>An array of at least so many bytes, with anything in it.</summary>
    public static byte[] Rent(int bytes)
    {
        if (bytes > LargestPinnedBytes)
        {
            return ArrayPool<byte>.Shared.Rent(bytes);
        }

        int size = Math.Max(SmallestBytes, (int)BitOperations.RoundUpToPowerOf2((uint)bytes));
        return StockOf(size).TryTake() ?? GC.AllocateUninitializedArray<byte>(size, pinned: true);
    }

    /// <summary>Gives an array back, wiped if what it held was sensitive.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length > LargestPinnedBytes)
        {
            ArrayPool<byte>.Shared.Return(array);
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
            lock (_lock)
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
            lock (_lock)
            {
                if (_count < KeptOfEach)
                {
                    _kept[_count++] = array;
                }
            }
        }
    }
}
