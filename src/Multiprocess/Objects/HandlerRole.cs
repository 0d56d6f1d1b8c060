using Multiprocess.Generated;

namespace Multiprocess.Objects;

/// <summary>What the proxy of a delegate has besides, once it was added to an event. Few proxies are, and all would pay for its fields.</summary>
internal sealed class HandlerRole
{
    private volatile Export[] _sources = [];

    /// <summary>The objects of this side to whose events the delegate was added. Replaced whole, under the proxy's lock.</summary>
    public Export[] Sources
    {
        get => _sources;
        set => _sources = value;
    }

    /// <summary>The proxy of the same reference whose calls are one-way, once there is one. Under the proxy's lock.</summary>
    public IpcProxy? OneWayTwin { get; set; }

    /// <summary>In a twin only: the proxy that owns the reference, which this keeps alive.</summary>
    public IpcProxy? Original { get; init; }
}
