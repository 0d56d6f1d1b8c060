using Multiprocess.Native;

namespace Multiprocess.Transports.Rings;

/// <summary>A change of the sending direction at a position of its stream.</summary>
/// <param name="Change">What changes.</param>
/// <param name="Position">The number of bytes sent before the change.</param>
/// <param name="Memory">The memory, for a move into it. The transport takes over its sending share.</param>
/// <param name="Descriptors">The descriptors to pass. The transport takes ownership of them.</param>
internal readonly record struct SendingMark(
    SendingChange Change,
    long Position,
    RingMemory? Memory = null,
    NativeHandle[]? Descriptors = null)
{
    /// <summary>Frees what the mark holds, because the transport has ended before its position.</summary>
    public void Discard()
    {
        Memory?.Dispose();
        PassedDescriptors.CloseAll(Descriptors ?? []);
    }
}

/// <summary>The changes of the sending direction.</summary>
internal enum SendingChange
{
    /// <summary>The next byte carries descriptors.</summary>
    PassDescriptors,

    /// <summary>The stream continues in the ring.</summary>
    ToRing,

    /// <summary>The stream continues on the socket.</summary>
    ToSocket,
}
