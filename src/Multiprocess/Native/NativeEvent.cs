using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>A descriptor that becomes readable when it is set: it ends a poll of another thread. Linux only.</summary>
internal sealed unsafe partial class NativeEvent : IDisposable
{
    private readonly NativeHandle _handle;

    /// <exception cref="IOException">The system provides no descriptor.</exception>
    public NativeEvent()
    {
        int descriptor = Create(0, NativeFiles.CloseOnExec | NativeFiles.NonBlocking);
        _handle = descriptor >= 0 ? new NativeHandle(descriptor) : throw Errno.Exception("eventfd", Errno.Last);
    }

    public NativeHandle Handle => _handle;

    /// <summary>Makes the descriptor readable. Any thread; does nothing once it is disposed.</summary>
    public void Set()
    {
        try
        {
            ulong one = 1;
            _ = Write(_handle, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    /// <summary>Makes the descriptor unreadable. Does nothing once it is disposed.</summary>
    public void Reset()
    {
        try
        {
            ulong count;
            _ = Read(_handle, &count, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Create(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(NativeHandle handle, ulong* value, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(NativeHandle handle, ulong* value, nuint length);
}
