using System.Runtime.InteropServices;
using Multiprocess.Native;

namespace Multiprocess.Transports.Rings;

/// <summary>The memory of two rings, which both processes of a connection have mapped. Linux only.</summary>
/// <remarks>
/// <para>
/// One page of positions and signs, then the bytes of the first ring, which the client writes, and of the second,
/// which the server writes. PROTOCOL.md has the offsets. The peer can change every byte at any time: nothing here is
/// believed, see <see cref="RingWriter"/> and <see cref="RingReader"/>.
/// </para>
/// <para>
/// A handle: a thread that touches the memory holds the handle, so that another thread that disposes it cannot unmap
/// the memory meanwhile.
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

    /// <summary>From the positions of the first ring to those of the second.</summary>
    public const int NextRingOffset = 1024;

    // Each on cache lines of its own, because one side writes it while the other waits for another.
    public const int WrittenOffset = 0;
    public const int SensitiveOffset = 4;
    public const int ReaderWaitsOffset = 128;
    public const int ReadOffset = 256;
    public const int ReaderClosedOffset = 260;
    public const int WriterWaitsOffset = 384;

    // Most memories of this process as a server: a peer that could open any number of connections could otherwise make
    // it hold much more than today. Further connections go on over the socket.
    private const int MostServed = 1024;

    private static int s_served;

    private readonly nint _bytes;
    private readonly bool _isServed;

    // Shares of the two directions of a connection.
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

    /// <summary>Creates the memory, for the server.</summary>
    /// <param name="ringBytes">Bytes of each ring.</param>
    /// <param name="file">The descriptor to pass to the client.</param>
    /// <returns>Null when the system gives no memory, or this process serves enough of it.</returns>
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

    /// <summary>Maps the memory of which the server has sent the descriptor, for the client.</summary>
    /// <returns>Null when it is not what the server says, or cannot be mapped.</returns>
    public static RingMemory? Open(NativeHandle file, int ringBytes)
        => NativeSharedMemory.IsSealed(file, TotalBytes(ringBytes))
            && NativeSharedMemory.Map(file, TotalBytes(ringBytes)) is var start and not 0
                ? new RingMemory(start, ringBytes, isServed: false)
                : null;

    /// <summary>One direction no longer uses the memory. The last one unmaps it.</summary>
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
