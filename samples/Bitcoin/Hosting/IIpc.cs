using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>What a host that is one process among several can do. The single-process hosts have none.</summary>
public interface IIpc
{
    /// <summary>Starts the program that lies beside this one and connects to it.</summary>
    /// <exception cref="HostException">It cannot be started, or ended at once.</exception>
    IChildProcess Spawn(string program);

    /// <summary>Connects to a node that runs.</summary>
    /// <param name="address">The value of -ipcconnect.</param>
    /// <param name="settings">Where relative paths and the usual socket are.</param>
    /// <returns>The connection; null when "auto" finds nobody.</returns>
    /// <exception cref="HostException">It cannot be reached, or the address means nothing.</exception>
    IRemoteProcess? Connect(string address, Settings settings);

    /// <summary>Serves other programs.</summary>
    /// <param name="address">A value of -ipcbind.</param>
    /// <param name="settings">Where relative paths and the usual socket are.</param>
    /// <param name="root">Makes what a client asks first; a client waits until it returns.</param>
    /// <exception cref="HostException">It cannot be served there.</exception>
    IListener Listen(string address, Settings settings, Func<IInit> root);

    /// <summary>Whether a call failed with this because the process at the other end is gone.</summary>
    bool IsDisconnection(Exception exception);
}

/// <summary>A process at the other end of a connection. Disposing it ends the connection.</summary>
public interface IRemoteProcess : IDisposable
{
    /// <summary>Its first object.</summary>
    IInit Init { get; }

    /// <summary>Cancelled when the connection has ended, for whatever reason.</summary>
    CancellationToken Closed { get; }
}

/// <summary>
/// A process that this one started. Disposing it ends the connection, upon which the child ends, and waits for that.
/// </summary>
public interface IChildProcess : IRemoteProcess
{
    /// <summary>The operating system's number of it.</summary>
    int Id { get; }

    /// <summary>Ends when the child has: its exit code, or 128 and the number of the signal that ended it.</summary>
    Task<int> Exited { get; }
}

/// <summary>A socket that is served. Disposing it removes the socket and drops its clients.</summary>
public interface IListener : IDisposable
{
    /// <summary>Where it is, in full.</summary>
    string Address { get; }

    /// <summary>Accepts nobody from now on, lets running calls end within a bound, and drops the clients.</summary>
    void Shutdown(TimeSpan drain);
}
