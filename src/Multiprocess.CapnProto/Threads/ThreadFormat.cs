using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Threads;

/// <summary>The numbers of libmultiprocess's interfaces for threads.</summary>
internal static class ThreadFormat
{
    public const ulong ThreadMapId = 0xee5e37179ad9dc9d;
    public const ushort MakeThread = 0;
    public const ushort MakePool = 1;

    public const ulong ThreadId = 0x81c1e2600d0b56c5;
    public const ushort GetName = 0;

    /// <summary>
    /// The struct that says which thread runs a call: pointer 0, and which one waits for it: pointer 1.
    /// </summary>
    public static CapnpStructSize Context => new(0, 2);
}
