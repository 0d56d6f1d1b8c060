namespace Multiprocess.Hosting;

/// <summary>What happens to later calls after a connection was lost. No call is ever repeated.</summary>
public enum IpcLostConnection
{
    /// <summary>
    /// The next call opens a new connection, to a new root. Objects and handlers of the old connection are gone.
    /// </summary>
    Reconnect,

    /// <summary>Every later call fails with the reason of the loss.</summary>
    Fail,
}
