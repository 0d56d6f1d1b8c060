using Microsoft.Win32.SafeHandles;

namespace Multiprocess.Native;

/// <summary>A descriptor that is closed once it was disposed and no thread is inside a call on it.</summary>
/// <remarks>Every native call takes the handle and not its number, so that the number cannot be reused under a call.</remarks>
internal sealed class NativeHandle : SafeHandleMinusOneIsInvalid
{
    /// <summary>Creates the handle that a native call fills in.</summary>
    public NativeHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Takes ownership of a descriptor.</summary>
    public NativeHandle(int descriptor)
        : this(descriptor, ownsHandle: true)
    {
    }

    /// <summary>Wraps a descriptor, which somebody else may own.</summary>
    public NativeHandle(int descriptor, bool ownsHandle)
        : base(ownsHandle) => SetHandle(descriptor);

    /// <summary>The number, for file actions and texts; it is valid only while the caller keeps the handle open.</summary>
    public int Descriptor => (int)handle;

    // EINTR from close leaves the descriptor closed on Linux: trying again could close another thread's.
    protected override bool ReleaseHandle()
    {
        _ = NativeFiles.Close((int)handle);
        return true;
    }
}
