namespace Multiprocess;

/// <summary>What carries the bytes of a test pair.</summary>
public enum IpcTestTransport
{
    /// <summary>Two pipes in memory.</summary>
    InMemory,

    /// <summary>A pair of Unix domain sockets: the same path as between processes. Linux only.</summary>
    SocketPair,
}
