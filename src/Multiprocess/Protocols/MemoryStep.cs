namespace Multiprocess.Protocols;

/// <summary>The steps of a move, in their order. The numbers are those on the wire.</summary>
internal enum MemoryStep : byte
{
    /// <summary>The client asks for memory.</summary>
    Ask = 0,

    /// <summary>The server has made memory; its descriptor comes with the first byte of this message.</summary>
    Offer = 1,

    /// <summary>The server makes none, or the client cannot use it.</summary>
    Refuse = 2,

    /// <summary>All that the sender sends after this message is in its ring.</summary>
    Begin = 3,

    /// <summary>The last message in the ring: all that the sender sends after it is on the socket.</summary>
    End = 4,
}
