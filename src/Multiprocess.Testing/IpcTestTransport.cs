namespace Multiprocess;

/// <summary>The transport of a test pair.</summary>
public enum IpcTestTransport
{
    /// <summary>Two pipes in memory.</summary>
    InMemory,

    /// <summary>A pair of Unix domain sockets, as between processes. Linux only.</summary>
    SocketPair,
}
