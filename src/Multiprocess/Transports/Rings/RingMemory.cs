using System.Runtime.InteropServices;
using Multiprocess.Native;

namespace Multiprocess.Transports.Rings;

/// <summary>The memory of two rings, mapped by both processes of a connection. Linux only.</summary>
/// <remarks>
/// <para>
/// One page with positions and signs, then the bytes of the first ring, which the client writes, then those of the
/// second ring, which the server writes. PROTOCOL.md has the offsets. The peer can change every byte at any time, so
/// nothing in the memory is trusted; see <see cref="RingWriter"/> and <see cref="RingReader"/>.
/// </para>
/// <para>
/// A thread that touches the memory must hold this handle, so that another thread that disposes it cannot unmap the
/// memory meanwhile.
/// </para>
/// </remarks>
internal sealed class RingMemory : SafeHandle
{
    /// <summary>Fewest bytes of a ring.</summary>
    public const int LeastRingBytes = 4 * 1024;

    /// <summary>Most bytes of a ring.</summary>
    public const int MostRingBytes = 1024 * 1024;

    /// <summary>Bytes before the first ring.</summary>
    public const int HeaderBytes = 4 * 1024;

    /// <summary>The distance from the positions of the first ring to those of the second.</summary>
    public const int NextRingOffset = 1024;

    // Each word has its own cache line, because one side writes it while the other side waits for another word.
    public const int WrittenOffset = 0;
    public const int SensitiveOffset = 4;
    public const int ReaderWaitsOffset = 128;
    public const int ReadOffset = 256;
    public const int ReaderClosedOffset = 260;
    public const int WriterWaitsOffset = 384;

    // Most memories that this process holds as a server. Otherwise a peer that can open many connections could make it
    // hold a lot of memory. Further connections stay on the socket.
    private const int MostServed = 1024;

    private static int s_served;

    private readonly nint _bytes;
    private readonly bool _isServed;

    // Number of directions of the connection that still use the memory.
    private int _shares = 2;

    private RingMemory(nint start, int ringBytes, bool isServed)
        : base(0, ownsHandle: true)
    {
        RingBytes = ringBytes;
        _bytes = TotalBytes(ringBytes);
        _isServed = isServed;
        SetHandle(start);
    }

    /// <summary>Number of bytes of each ring, a power of two.</summary>
    public int RingBytes { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>The beginning of the memory; valid only while the caller holds the handle.</summary>
    public nint Start => handle;

    /// <summary>True for a size that a ring can have.</summary>
    public static bool IsRingSize(long bytes)
        => bytes is >= LeastRingBytes and <= MostRingBytes && (bytes & (bytes - 1)) == 0;

    /// <summary>Creates the memory. Called by the server.</summary>
    /// <param name="ringBytes">Bytes of each ring.</param>
    /// <param name="file">The descriptor to pass to the client.</param>
    /// <returns>Null when the system provides no memory, or this process already serves the most.</returns>
    public static RingMemory? Create(int ringBytes, out NativeHandle? file)
    {
        file = null;
        if (Interlocked.Increment(ref s_served) <= MostServed)
        {
            int descriptor = NativeSharedMemory.Create("multiprocess", TotalBytes(ringBytes));
            if (descriptor >= 0)
            {
                file = new NativeHandle(descriptor);
                if (NativeSharedMemory.Map(file, TotalBytes(ringBytes)) is var start and not 0)
                {
                    return new RingMemory(start, ringBytes, isServed: true);
                }

                file.Dispose();
                file = null;
            }
        }

        Interlocked.Decrement(ref s_served);
        return null;
    }

    /// <summary>Maps the memory whose descriptor the server has sent. Called by the client.</summary>
    /// <returns>Null when the file is not as the server described it, or cannot be mapped.</returns>
    public static RingMemory? Open(NativeHandle file, int ringBytes)
        => NativeSharedMemory.IsSealed(file, TotalBytes(ringBytes))
            && NativeSharedMemory.Map(file, TotalBytes(ringBytes)) is var start and not 0
                ? new RingMemory(start, ringBytes, isServed: false)
                : null;

    /// <summary>Called when one direction no longer uses the memory. The last call unmaps it.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _shares) == 0)
        {
            Dispose();
        }
    }

    protected override bool ReleaseHandle()
    {
        _ = NativeAddresses.Free(handle, (nuint)_bytes);
        if (_isServed)
        {
            Interlocked.Decrement(ref s_served);
        }

        return true;
    }

    private static nint TotalBytes(int ringBytes) => HeaderBytes + (2 * (nint)ringBytes);
}
