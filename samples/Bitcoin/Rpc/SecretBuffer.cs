using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Bitcoin.Rpc;

/// <summary>
/// Bytes that may contain keys or passphrases: the body of a request, or a reply. They are in one place in memory,
/// which is wiped when the buffer grows and when it is disposed.
/// </summary>
/// <remarks>Small arrays are used again: pinned ones are expensive to make and to collect.</remarks>
public sealed class SecretBuffer : IBufferWriter<byte>, IDisposable
{
    private const int SmallBytes = 16 * 1024;
    private const int MostKept = 64;

    private static readonly ConcurrentBag<byte[]> s_small = [];

    private byte[] _bytes = Take(SmallBytes);
    private int _count;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _count);

    /// <summary>What was written, to be changed.</summary>
    public Span<byte> Span => _bytes.AsSpan(0, _count);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _count);
        _count += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(_count);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(_count);
    }

    /// <summary>Writes text in UTF-8.</summary>
    public void Write(ReadOnlySpan<char> text)
        => Advance(Encoding.UTF8.GetBytes(text, GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] last = _bytes;
        _bytes = [];
        _count = 0;
        Give(last);
    }

    private static byte[] Take(int size)
    {
        return size <= SmallBytes && s_small.TryTake(out byte[]? kept)
            ? kept
            : GC.AllocateUninitializedArray<byte>(Math.Max(size, SmallBytes), pinned: true);
    }

    private static void Give(byte[] bytes)
    {
        CryptographicOperations.ZeroMemory(bytes);
        if (bytes.Length == SmallBytes && s_small.Count < MostKept)
        {
            s_small.Add(bytes);
        }
    }

    private void Grow(int sizeHint)
    {
        int free = _bytes.Length - _count;
        if (free > 0 && free >= sizeHint)
        {
            return;
        }

        int wanted = checked(_count + Math.Max(sizeHint, 1));
        byte[] larger = Take(Math.Max(wanted, (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        Span.CopyTo(larger);
        byte[] before = _bytes;
        _bytes = larger;
        Give(before);
    }
}
