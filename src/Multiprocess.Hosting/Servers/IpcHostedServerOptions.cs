namespace Multiprocess.Hosting;

/// <summary>
/// How a server runs under a host. Bound from a configuration section if the server is added with a section.
/// </summary>
/// <remarks>Read once, when the host starts.</remarks>
public sealed class IpcHostedServerOptions
{
    /// <summary>Where to listen, such as <c>unix:calc.sock</c> or <c>systemd</c>. Required.</summary>
    public string Address { get; set; } = string.Empty;

    /// <summary>
    /// The options of the server and of its connections. Without a logger factory, they get the host's. In
    /// configuration: <c>Server:MaxConnections</c>, <c>Server:Limits:MaxFrameBytes</c> and so on.
    /// </summary>
    public IpcServerOptions Server { get; set; } = new();

    /// <summary>
    /// How long calls may continue when the host stops. Default infinite: as long as the shutdown time-out of the host
    /// allows, which ends the wait in any case. Zero to 24 days, or infinite.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = Timeout.InfiniteTimeSpan;
}
