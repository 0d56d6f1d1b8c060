using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>One descriptor that is held only to be given up: with it a client can be told that there is no room.</summary>
/// <remarks>Of the accepting thread, but for <see cref="Dispose"/>.</remarks>
internal sealed class DescriptorReserve : IDisposable
{
    private NativeHandle? _held;
    private int _disposed;

    public DescriptorReserve() => Take();

    /// <summary>A descriptor of nothing; null when the system gives none.</summary>
    public static NativeHandle? Open()
    {
        int descriptor = OperatingSystem.IsLinux() ? NativeFiles.Open("/dev/null", NativeFiles.CloseOnExec, 0) : -1;
        return descriptor < 0 ? null : new NativeHandle(descriptor);
    }

    /// <summary>Gives it up.</summary>
    public void Release()
    {
        Interlocked.Exchange(ref _held, null)?.Dispose();
    }

    /// <summary>Takes it again, as far as there is one.</summary>
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
