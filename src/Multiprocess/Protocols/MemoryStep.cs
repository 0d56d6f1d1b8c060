namespace Multiprocess.Protocols;

/// <summary>The steps of a move, in order. The numbers are those on the wire.</summary>
internal enum MemoryStep : byte
{
    /// <summary>The client asks for memory.</summary>
    Ask = 0,

    /// <summary>
    /// The server has created the memory; its descriptor arrives with the first byte of this message.
    /// </summary>
    Offer = 1,

    /// <summary>The server creates no memory, or the client cannot use it.</summary>
    Refuse = 2,

    /// <summary>Everything that the sender sends after this message is in its ring.</summary>
    Begin = 3,

    /// <summary>The last message in the ring: everything after it is sent over the socket.</summary>
    End = 4,
}
