using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Bitcoin.Rpc;

/// <summary>Memory for pipes. It stays in its place, and is wiped when it is given back. Thread-safe.</summary>
internal sealed class WipingPool : MemoryPool<byte>
{
    private const int BlockBytes = 4096;
    private const int MostKept = 1024;

    private readonly ConcurrentBag<byte[]> _free = [];

    internal static new WipingPool Shared { get; } = new();

    // Not less, or a pipe takes what is larger from elsewhere.
    public override int MaxBufferSize => Array.MaxLength;

    /// <summary>Options for a pipe with this memory.</summary>
    internal static PipeOptions Options() => new(
        Shared, pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        return new Block(
            this,
            minBufferSize <= BlockBytes && _free.TryTake(out byte[]? bytes)
                ? bytes
                : GC.AllocateUninitializedArray<byte>(Math.Max(minBufferSize, BlockBytes), pinned: true));
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Give(byte[] bytes)
    {
        CryptographicOperations.ZeroMemory(bytes);
        if (bytes.Length == BlockBytes && _free.Count < MostKept)
        {
            _free.Add(bytes);
        }
    }

    private sealed class Block(WipingPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory => _bytes ?? throw new ObjectDisposedException(nameof(Block));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } last)
            {
                pool.Give(last);
            }
        }
    }
}
