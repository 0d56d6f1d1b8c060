namespace Multiprocess.AspNetCore;

/// <summary>How a contract is served behind a Kestrel server. Read for each connection.</summary>
public sealed class IpcEndpointOptions
{
    /// <summary>
    /// The options of each connection. Without a logger factory, they get the application's. Kestrel accepts
    /// connections, so options about accepting have no effect: limit the number of connections with Kestrel's own
    /// limits. <see cref="IpcServerOptions.MaxServerWaitingBytes"/> holds for all connections of the endpoint together.
    /// </summary>
    public IpcServerOptions Server { get; set; } = new();

    /// <summary>
    /// Web origins, such as <c>https://app.example</c>, whose pages may connect to a WebSocket. Default: only the
    /// server's own origin. Otherwise a page of another site could call with the cookies of the user who views it. A
    /// client other than a browser sends no origin, and is not checked.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// For <c>UseIpc</c>: whether a peer may connect over TCP without a certificate that Kestrel has accepted. Default
    /// false. A WebSocket has the authorization of its endpoint instead.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>
    /// How long calls may continue when the application stops. Default infinite: as long as the application's shutdown
    /// time-out allows, after which Kestrel ends the connection in any case. Zero to 24 days, or infinite.
    /// </summary>
    public TimeSpan DrainTimeout
    {
        get;
        set => field = value == Timeout.InfiniteTimeSpan || (value >= TimeSpan.Zero
            && value.TotalMilliseconds <= int.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, "Expected a time from zero to 24 days, or Timeout.InfiniteTimeSpan.");
    } = Timeout.InfiniteTimeSpan;
}
