using Microsoft.Win32.SafeHandles;

namespace Multiprocess.Native;

/// <summary>A descriptor that is closed once it was disposed and no thread is using it in a call.</summary>
/// <remarks>
/// Every native call takes the handle, not its number, so that the number cannot be reused during a call.
/// </remarks>
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

    /// <summary>Wraps a descriptor, which may have another owner.</summary>
    public NativeHandle(int descriptor, bool ownsHandle)
        : base(ownsHandle) => SetHandle(descriptor);

    /// <summary>
    /// The number, for spawn file actions and messages; valid only while the caller keeps the handle open.
    /// </summary>
    public int Descriptor => (int)handle;

    /// <summary>Gives the descriptor to the caller, who then closes it.</summary>
    public int Detach()
    {
        int descriptor = Descriptor;
        SetHandleAsInvalid();
        return descriptor;
    }

    // On Linux the descriptor is closed even when close returns EINTR: a retry could close another thread's descriptor.
    protected override bool ReleaseHandle()
    {
        _ = NativeFiles.Close((int)handle);
        return true;
    }
}
