namespace Multiprocess.AspNetCore;

/// <summary>How a contract is served behind a Kestrel server. Read for each connection.</summary>
public sealed class IpcEndpointOptions
{
    /// <summary>
    /// The options of each connection. Without a logger factory they get the application's. Kestrel accepts, so what is
    /// said there of accepting means nothing: bound connections with its own limits.
    /// </summary>
    public IpcServerOptions Server { get; set; } = new();

    /// <summary>
    /// Web origins, such as <c>https://app.example</c>, whose pages may connect to a WebSocket. Default none but the
    /// server's own: a page of another site would otherwise call with the cookies of whoever looks at it. A client that
    /// is no browser says no origin, and is not asked.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// For <c>UseIpc</c>: whether a peer may connect over TCP without a certificate that Kestrel has accepted. Default
    /// false. A WebSocket has the authorization of its endpoint instead.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>
    /// How long calls may run on when the application stops. Default infinite: as long as its own shutdown time-out
    /// allows, after which Kestrel ends the connection in any case. Zero to 24 days, or infinite.
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
