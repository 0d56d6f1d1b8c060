using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>
/// A descriptor held in reserve. It is closed when a client must be accepted only to be told that there is no room.
/// </summary>
/// <remarks>Accepting thread only, except <see cref="Dispose"/>.</remarks>
internal sealed class DescriptorReserve : IDisposable
{
    private NativeHandle? _held;
    private int _disposed;

    public DescriptorReserve() => Take();

    /// <summary>Opens a descriptor of the null device; returns null when the system provides none.</summary>
    public static NativeHandle? Open()
    {
        int descriptor = OperatingSystem.IsLinux() ? NativeFiles.Open("/dev/null", NativeFiles.CloseOnExec, 0) : -1;
        return descriptor < 0 ? null : new NativeHandle(descriptor);
    }

    /// <summary>Closes the reserved descriptor.</summary>
    public void Release()
    {
        Interlocked.Exchange(ref _held, null)?.Dispose();
    }

    /// <summary>Takes a descriptor again, if there is one.</summary>
    public void Take()
    {
        if (_held is null && Volatile.Read(ref _disposed) == 0)
        {
            _held = Open();
        }

        if (Volatile.Read(ref _disposed) != 0)
        {
            Release();
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _disposed, 1);
        Release();
    }
}
