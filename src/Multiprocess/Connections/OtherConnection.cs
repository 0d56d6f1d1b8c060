namespace Multiprocess.Connections;

/// <summary>A connection of another protocol, as far as a server needs to know it.</summary>
/// <remarks>Thread-safe.</remarks>
internal abstract class OtherConnection
{
    /// <summary>Completes when the connection has ended. Never fails.</summary>
    public abstract Task Ended { get; }

    /// <summary>Refuses new calls, cancels running ones, waits for them at most as long as given, and ends.</summary>
    public abstract Task ShutdownAsync(TimeSpan drain);

    /// <summary>Ends the connection.</summary>
    public abstract void Close();
}
