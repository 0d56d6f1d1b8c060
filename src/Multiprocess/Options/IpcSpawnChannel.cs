namespace Multiprocess;

/// <summary>How a child process gets its end of the connection.</summary>
public enum IpcSpawnChannel
{
    /// <summary><see cref="Inherited"/> on Linux, <see cref="OneTimeSocket"/> elsewhere.</summary>
    Default = 0,

    /// <summary>The child inherits one end of a socketpair, which no other process can see. Linux only.</summary>
    Inherited = 1,

    /// <summary>
    /// The child connects back to a socket in a private directory, which is removed after that, and presents a one-time
    /// token that it read from standard input. Its standard input then ends. For systems where a socket cannot be
    /// inherited; tested on Linux only.
    /// </summary>
    OneTimeSocket = 2,
}
