using Multiprocess.Generated;

namespace Multiprocess.Objects;

/// <summary>
/// Extra state of a delegate proxy that was added to an event. Kept apart, because few proxies need these fields.
/// </summary>
internal sealed class HandlerRole
{
    private volatile Export[] _sources = [];

    /// <summary>
    /// The objects of this side to whose events the delegate was added. Replaced as a whole, under the proxy's lock.
    /// </summary>
    public Export[] Sources
    {
        get => _sources;
        set => _sources = value;
    }

    /// <summary>
    /// The proxy of the same reference whose calls are one-way; null until needed. Guarded by the proxy's lock.
    /// </summary>
    public IpcProxy? OneWayTwin { get; set; }

    /// <summary>Set only in a twin: the proxy that owns the reference. The twin keeps it alive.</summary>
    public IpcProxy? Original { get; init; }
}
