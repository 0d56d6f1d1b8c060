namespace Multiprocess.Transports;

/// <summary>Accepts incoming connections.</summary>
/// <remarks>
/// Only one thread at a time accepts. <see cref="Close"/> may be called from any thread at any time, and makes
/// <see cref="Next"/> return. To stop accepting for a while, do not call <see cref="Next"/>: further connections wait
/// in the backlog.
/// </remarks>
internal abstract class Listener : IDisposable
{
    /// <summary>How long to wait for free descriptors or memory before accepting is tried again.</summary>
    protected static readonly TimeSpan ScarcityPause = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to look for a free descriptor before a waiting client is refused.</summary>
    protected const int MaxScarcityPauses = 10;

    /// <summary>The address in canonical form, with the port that the system chose.</summary>
    public abstract IpcAddress Address { get; }

    /// <summary>
    /// Called for each peer that was refused before anything was read from it. Accepting thread only.
    /// </summary>
    public Action<IpcPeer>? Refused { get; set; }

    /// <summary>
    /// Called with the transport of each client for which there is no descriptor. It tells the client and closes the
    /// transport. Accepting thread only; must not block for long.
    /// </summary>
    public Action<Transport>? TurnedAway { get; set; }

    /// <summary>Waits for a connection of an allowed peer.</summary>
    /// <returns>
    /// Creates the connection's transport. Call it on a separate thread for the connection, because it may wait for the
    /// peer. Null once the listener is closed.
    /// </returns>
    /// <exception cref="IOException">Accepting failed permanently.</exception>
    public abstract Func<Transport>? Next();

    /// <summary>Stops listening, and wakes the accepting thread.</summary>
    public abstract void Close();

    /// <summary>Closes, and frees all resources.</summary>
    public abstract void Dispose();
}
