using Multiprocess.Native;

namespace Multiprocess.Transports.Rings;

/// <summary>What changes in the sending direction at a position of its stream.</summary>
/// <param name="Change">What changes.</param>
/// <param name="Position">The number of bytes sent before the change.</param>
/// <param name="Memory">The memory, for a move into it; its sending share is then the transport's.</param>
/// <param name="Descriptors">The descriptors to pass, which are then the transport's.</param>
internal readonly record struct SendingMark(
    SendingChange Change,
    long Position,
    RingMemory? Memory = null,
    NativeHandle[]? Descriptors = null)
{
    /// <summary>Frees what the mark brought, because the transport has ended before its position.</summary>
    public void Discard()
    {
        Memory?.Dispose();
        PassedDescriptors.CloseAll(Descriptors ?? []);
    }
}

/// <summary>The changes of the sending direction.</summary>
internal enum SendingChange
{
    /// <summary>The next byte goes with descriptors.</summary>
    PassDescriptors,

    /// <summary>The stream goes on in the ring.</summary>
    ToRing,

    /// <summary>The stream goes on on the socket.</summary>
    ToSocket,
}
