namespace Multiprocess.Hosting;

/// <summary>What a lost connection means for the calls that follow. No call is ever repeated.</summary>
public enum IpcLostConnection
{
    /// <summary>
    /// The next call opens a new connection, to a new root. Objects and handlers of the old one are gone.
    /// </summary>
    Reconnect,

    /// <summary>Every further call fails with the reason of the loss.</summary>
    Fail,
}
