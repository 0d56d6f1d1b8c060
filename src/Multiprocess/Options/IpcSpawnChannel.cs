namespace Multiprocess;

/// <summary>How a child process comes to its end of the connection.</summary>
public enum IpcSpawnChannel
{
    /// <summary><see cref="Inherited"/> on Linux, <see cref="OneTimeSocket"/> elsewhere.</summary>
    Default = 0,

    /// <summary>It inherits one end of a socketpair, which nobody else can see. Linux only.</summary>
    Inherited = 1,

    /// <summary>
    /// It connects back, to a socket in a directory of its own that is removed when it has, and shows a one-time token
    /// that it got on standard input. Its standard input then ends. The way for systems where a socket cannot be
    /// inherited; tested on Linux only.
    /// </summary>
    OneTimeSocket = 2,
}
