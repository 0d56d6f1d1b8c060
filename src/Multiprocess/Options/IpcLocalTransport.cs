namespace Multiprocess;

/// <summary>How the messages of a connection between two processes of one machine are carried.</summary>
public enum IpcLocalTransport
{
    /// <summary>Over the socket only.</summary>
    Socket,

    /// <summary>
    /// Over the socket, and through shared memory while the connection is busy: on Linux, with a process of the same
    /// user, when the two processes may run on more than one processor.
    /// </summary>
    Auto,

    /// <summary>
    /// Through shared memory from the first message on, on Linux, also with an allowed process of another user. Over
    /// the socket only if the peer, or the system, provides no shared memory.
    /// </summary>
    Memory,
}
