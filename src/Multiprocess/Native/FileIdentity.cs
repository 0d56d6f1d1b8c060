namespace Multiprocess.Native;

/// <summary>Identifies a file and its kind: two names or descriptors of the same file have equal identities.</summary>
internal readonly record struct FileIdentity(ulong Inode, ulong Device, uint Kind)
{
    private const uint KindMask = 0xF000;
    private const uint SocketKind = 0xC000;
    private const uint RegularKind = 0x8000;

    public bool IsSocket => Kind == SocketKind;

    public bool IsRegularFile => Kind == RegularKind;

    public static FileIdentity From(in NativeFiles.StatusBuffer status) =>
        new(status.Inode, ((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Mode & KindMask);
}
