namespace Multiprocess.Hosting;

/// <summary>
/// How a client that is resolved from services connects. Bound from a configuration section if the client is added
/// with a section.
/// </summary>
public sealed class IpcHostedClientOptions
{
    /// <summary>Where the server listens, such as <c>unix:calc.sock</c>. Required.</summary>
    public string Address { get; set; } = string.Empty;

    /// <summary>
    /// The options of each connection. Without a logger factory, they get the host's. In configuration:
    /// <c>Connection:CallTimeout</c> and so on.
    /// </summary>
    public IpcConnectionOptions Connection { get; set; } = new();

    /// <summary>
    /// What happens to later calls after a connection was lost. Default <see cref="IpcLostConnection.Reconnect"/>. In
    /// either case, a call that was in progress fails, and may have been run.
    /// </summary>
    public IpcLostConnection LostConnection { get; set; }
}
