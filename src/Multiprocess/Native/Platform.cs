namespace Multiprocess.Native;

/// <summary>Ensures that Linux's constants and structures are not passed to another system's C library.</summary>
internal static class Platform
{
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException(
                "This transport makes Linux's own system calls; use SocketTransport here.");
        }
    }
}
