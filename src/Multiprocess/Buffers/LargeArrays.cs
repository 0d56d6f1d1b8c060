using System.Numerics;
using Multiprocess.Locks;

namespace Multiprocess.Buffers;

/// <summary>Pools arrays of more than 64 KiB for all connections together. Thread-safe.</summary>
/// <remarks>
/// The framework's shared pool keeps arrays of each size for each thread until several garbage collections have
/// passed: many workers that had one large message each would hold a multiple of what all connections may hold. This
/// pool keeps a fixed number of bytes; the collector may take everything beyond it. Sizes grow in steps of a quarter,
/// so a message takes at most a quarter more memory than it needs.
/// </remarks>
internal static class LargeArrays
{
    /// <summary>Bytes that are kept even if nothing uses them.</summary>
    public const long KeptBytes = 16 * 1024 * 1024;

    // The collector moves arrays of less than 85,000 bytes, and may leave copies of secrets when it does.
    private const int SmallestBytes = 96 * 1024;
    private const int SmallestLog = 16;
    private const int StepsOfEach = 4;
    private const int KeptOfEach = 16;

    private static readonly Stock[] s_stocks =
        [.. Enumerable.Range(0, (31 - SmallestLog) * StepsOfEach).Select(_ => new Stock())];

    private static long s_kept;

    /// <summary>Number of bytes that are kept.</summary>
    public static long Kept => Interlocked.Read(ref s_kept);

    /// <summary>Returns an array of at least the given length, with arbitrary contents.</summary>
    public static byte[] Rent(int bytes)
    {
        (long size, int stock) = SizeFor(bytes);
        return s_stocks[stock].TryTake()
            ?? GC.AllocateUninitializedArray<byte>((int)Math.Min(size, Array.MaxLength));
    }

    public static void Return(byte[] array)
    {
        (long size, int stock) = SizeFor(array.Length);
        if (size == array.Length)
        {
            s_stocks[stock].Keep(array);
        }
    }

    /// <summary>
    /// The size of the array for a message of so many bytes, and the stock that has arrays of this size.
    /// </summary>
    private static (long Size, int Stock) SizeFor(int bytes)
    {
        bytes = Math.Max(bytes, SmallestBytes);
        int log = BitOperations.Log2((uint)bytes - 1);
        long step = (1L << log) / StepsOfEach;
        long size = (bytes + step - 1) / step * step;
        return (size, ((log - SmallestLog) * StepsOfEach) + (int)((size - (1L << log)) / step) - 1);
    }

    /// <summary>The arrays of one size.</summary>
    private sealed class Stock
    {
        private readonly Lock _lock = new();
        private readonly WeakReference<byte[]>?[] _slots = new WeakReference<byte[]>?[KeptOfEach];

        // Strong references to the arrays in the same places, which the collector must not take.
        private readonly byte[]?[] _kept = new byte[]?[KeptOfEach];
        private int _count;

        public byte[]? TryTake()
        {
            using (Uninterruptible.Enter(_lock))
            {
                while (_count > 0)
                {
                    _count--;
                    if (_kept[_count] is { } kept)
                    {
                        _kept[_count] = null;
                        Interlocked.Add(ref s_kept, -kept.Length);
                    }

                    if (_slots[_count]!.TryGetTarget(out byte[]? array))
                    {
                        _slots[_count]!.SetTarget(null!);
                        return array;
                    }
                }

                return null;
            }
        }

        public void Keep(byte[] array)
        {
            using (Uninterruptible.Enter(_lock))
            {
                if (_count == KeptOfEach)
                {
                    return;
                }

                if (Interlocked.Add(ref s_kept, array.Length) <= KeptBytes)
                {
                    _kept[_count] = array;
                }
                else
                {
                    Interlocked.Add(ref s_kept, -array.Length);
                }

                (_slots[_count] ??= new WeakReference<byte[]>(array)).SetTarget(array);
                _count++;
            }
        }
    }
}
