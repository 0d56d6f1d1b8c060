using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Multiprocess.Buffers;

/// <summary>Collects the bytes of one message in one pooled array.</summary>
/// <remarks>
/// Belongs to one thread at a time. The array is contiguous, so that a length at its front can be set later and one
/// call can send everything. A span that was handed out is invalid once the writer grows, is cleared or is disposed.
/// </remarks>
internal sealed class PooledBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 4096;
    private const int KeptBytes = 64 * 1024;

    // A codec may reserve more than it uses (for the worst case of a string); the limit applies to the bytes used.
    private const int Slack = 4096;

    private readonly int _prefixBytes;
    private readonly string? _limitName;
    private byte[] _buffer = [];
    private int _written;

    /// <summary>Creates the writer; it rents no array before the first byte.</summary>
    /// <param name="maxBytes">Most bytes that may be written before the writer is cleared.</param>
    /// <param name="prefixBytes">
    /// How many of these bytes precede the frame. They are not part of its size or its limit.
    /// </param>
    /// <param name="limitName">Names the limit in the error.</param>
    public PooledBufferWriter(int maxBytes = 64 * 1024 * 1024, int prefixBytes = 0, string? limitName = null)
    {
        MaxBytes = (int)Math.Min((long)maxBytes + prefixBytes, Array.MaxLength - Slack);
        _prefixBytes = prefixBytes;
        _limitName = limitName;
    }

    /// <summary>Most bytes that may be written before the writer is cleared.</summary>
    public int MaxBytes { get; }

    /// <summary>
    /// Set while the bytes must not outlive their use: every array that held them is wiped before it is returned.
    /// </summary>
    public bool IsSensitive { get; set; }

    public int WrittenCount => _written;

    public int Capacity => _buffer.Length;

    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _written);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _written);

    /// <summary>The bytes written so far, for changes in place.</summary>
    public Span<byte> Written => _buffer.AsSpan(0, _written);

    public void Advance(int count)
    {
        Debug.Assert(count >= 0 && count <= _buffer.Length - _written, "Advanced past the end of the span.");
        Allow(count);
        _written += count;
    }

    /// <summary>
    /// Checks that the given number of further bytes stays within the limit, wherever the bytes are stored.
    /// </summary>
    /// <exception cref="IpcException">The limit would be exceeded.</exception>
    public void Allow(int count)
    {
        if (count > MaxBytes - _written)
        {
            ThrowTooLarge((long)_written + count);
        }
    }

    /// <summary>Inserts a few bytes at a position. They do not count against the limit.</summary>
    public void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        EnsureFree(bytes.Length);
        _buffer.AsSpan(at, _written - at).CopyTo(_buffer.AsSpan(at + bytes.Length));
        bytes.CopyTo(_buffer.AsSpan(at));
        _written += bytes.Length;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(sizeHint);
        return _buffer.AsSpan(_written);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(sizeHint);
        return _buffer.AsMemory(_written);
    }

    /// <summary>Discards the written bytes. An array larger than 64 KiB returns to the pool.</summary>
    public void Clear()
    {
        Wipe();
        IsSensitive = false;
        _written = 0;
        if (_buffer.Length > KeptBytes)
        {
            Dispose();
        }
    }

    /// <summary>Discards everything after the first <paramref name="count"/> bytes.</summary>
    public void Truncate(int count)
    {
        Debug.Assert(count >= 0 && count <= _written, "Truncated to more than was written.");
        _written = count;
    }

    /// <summary>Returns the array to the pool. The writer may be used again.</summary>
    public void Dispose()
    {
        Wipe();
        byte[] buffer = _buffer;
        _buffer = [];
        _written = 0;
        if (buffer.Length > 0)
        {
            FramePool.Return(buffer);
        }
    }

    private void EnsureFree(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_buffer.Length - _written < sizeHint)
        {
            Grow(sizeHint);
        }
    }

    private void Grow(int sizeHint)
    {
        long needed = (long)_written + sizeHint;
        if (needed > (long)MaxBytes + Slack)
        {
            ThrowTooLarge(needed);
        }

        long doubled = Math.Min((long)_buffer.Length * 2, (long)MaxBytes + Slack);
        byte[] larger = FramePool.Rent((int)Math.Max(Math.Max(needed, doubled), FirstBytes));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        Wipe();
        if (_buffer.Length > 0)
        {
            FramePool.Return(_buffer);
        }

        _buffer = larger;
    }

    private void Wipe()
    {
        if (IsSensitive)
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(_buffer);
        }
    }

    [DoesNotReturn]
    private void ThrowTooLarge(long bytes)
        => throw new IpcException(
            IpcErrorKind.LimitExceeded,
            $"Frame of {bytes - _prefixBytes:N0} bytes exceeds the limit of {MaxBytes - _prefixBytes:N0}{(_limitName is null ? "" : $", which is {_limitName}")}.");
}
