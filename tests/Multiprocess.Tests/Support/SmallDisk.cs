using System.Runtime.InteropServices;

namespace Multiprocess.Tests.Support;

/// <summary>
/// A file system in memory that is full soon. Only root can mount one; elsewhere the test is skipped, visibly.
/// </summary>
internal sealed partial class SmallDisk : IDisposable
{
    private const int DetachAtOnce = 2;

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk Mount(string path, int kilobytes)
    {
        Directory.CreateDirectory(path);
        int result = OperatingSystem.IsLinux() ? MountFileSystem("tmpfs", path, "tmpfs", 0, $"size={kilobytes}k") : -1;
        Assume.That(result, Is.Zero, "Only root can mount a small disk.");
        return new SmallDisk(path);
    }

    public void Dispose() => Assert.That(Unmount(Path, DetachAtOnce), Is.Zero);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountFileSystem(string source, string target, string type, nuint flags, string options);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
