namespace Multiprocess.Transports;

/// <summary>Where connections come in.</summary>
/// <remarks>
/// One thread at a time accepts; <see cref="Close"/> may be called from any thread at any moment and makes it return.
/// To stop accepting for a while, do not call <see cref="Next"/>: the rest waits in the backlog.
/// </remarks>
internal abstract class Listener : IDisposable
{
    /// <summary>How long to wait for descriptors or memory to come free before accepting is tried again.</summary>
    protected static readonly TimeSpan ScarcityPause = TimeSpan.FromMilliseconds(100);

    /// <summary>How many times it is looked for a descriptor before a client that waits is told that there is none.</summary>
    protected const int MaxScarcityPauses = 10;

    /// <summary>Where it listens, in canonical form, with the port that the system chose.</summary>
    public abstract IpcAddress Address { get; }

    /// <summary>Told about each peer that was turned away before anything was read from it. It runs on the accepting thread.</summary>
    public Action<IpcPeer>? Refused { get; set; }

    /// <summary>
    /// Told about each client for which there is no descriptor, with what carries it; it says so to the client and closes.
    /// It runs on the accepting thread and must not wait long.
    /// </summary>
    public Action<Transport>? TurnedAway { get; set; }

    /// <summary>Waits for a connection of a peer that is let in.</summary>
    /// <returns>
    /// What makes its transport, to be called on a thread of the connection's own, because it may wait for the peer;
    /// null once the listener is closed.
    /// </returns>
    /// <exception cref="IOException">Accepting failed for a reason that will not pass.</exception>
    public abstract Func<Transport>? Next();

    /// <summary>Stops listening, and wakes the accepting thread.</summary>
    public abstract void Close();

    /// <summary>Closes and gives everything back.</summary>
    public abstract void Dispose();
}
