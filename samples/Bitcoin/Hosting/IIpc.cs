using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>The operations on other processes. Single-process hosts have no implementation.</summary>
public interface IIpc
{
    /// <summary>Starts a program from the directory of this one and connects to it.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="confinement">The child's limits; null for a child with the rights of this process.</param>
    /// <exception cref="HostException">It cannot be started, or ended at once.</exception>
    IChildProcess Spawn(string program, Confinement? confinement = null);

    /// <summary>Connects to a running node.</summary>
    /// <param name="address">The value of -ipcconnect.</param>
    /// <param name="settings">The directory of relative paths and of the default socket.</param>
    /// <returns>The connection; null if "auto" finds no node.</returns>
    /// <exception cref="HostException">The node cannot be reached, or the address is invalid.</exception>
    IRemoteProcess? Connect(string address, Settings settings);

    /// <summary>Serves other programs.</summary>
    /// <param name="address">A value of -ipcbind.</param>
    /// <param name="settings">The directory of relative paths and of the default socket.</param>
    /// <param name="root">Creates a client's first object; the client waits until it returns.</param>
    /// <exception cref="HostException">The address cannot be served.</exception>
    IListener Listen(string address, Settings settings, Func<IInit> root);

    /// <summary>Whether an exception of a call means that the process at the other end is gone.</summary>
    bool IsDisconnection(Exception exception);
}

/// <summary>
/// The files that a child may open besides those that every program needs. It opens no socket, starts no program, and
/// nobody reads its memory. Where the kernel cannot confine it, the log says so.
/// </summary>
/// <param name="Directories">
/// The directories with everything below that it may read and write. Each must exist when the child is started.
/// </param>
public sealed record Confinement(IReadOnlyList<string> Directories);

/// <summary>A process at the other end of a connection. Disposing it ends the connection.</summary>
public interface IRemoteProcess : IDisposable
{
    /// <summary>Its first object.</summary>
    IInit Init { get; }

    /// <summary>Cancelled when the connection has ended, for any reason.</summary>
    CancellationToken Closed { get; }
}

/// <summary>
/// A process that this one started. Dispose ends the connection, then waits for the child, which ends with it.
/// </summary>
public interface IChildProcess : IRemoteProcess
{
    /// <summary>The process id.</summary>
    int Id { get; }

    /// <summary>Completes when the child has ended: its exit code, or 128 plus the number of its signal.</summary>
    Task<int> Exited { get; }
}

/// <summary>A socket that is served. Dispose removes the socket and disconnects its clients.</summary>
public interface IListener : IDisposable
{
    /// <summary>The full address.</summary>
    string Address { get; }

    /// <summary>Accepts no new client, waits a bounded time for running calls, and disconnects the clients.</summary>
    void Shutdown(TimeSpan drain);
}
