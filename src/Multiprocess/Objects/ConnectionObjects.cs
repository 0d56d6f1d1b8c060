using Microsoft.Extensions.Logging;
using Multiprocess.Framing;
using Multiprocess.Protocols;
using Multiprocess.Threads;

namespace Multiprocess.Objects;

/// <summary>
/// The objects that cross one connection: those of this side, those of the peer, and their release. Thread-safe.
/// </summary>
internal sealed class ConnectionObjects
{
    /// <param name="options">The options of the connection.</param>
    /// <param name="protocol">Writes the releases.</param>
    /// <param name="control">Sends the releases.</param>
    /// <param name="threads">Tells whether the connection has ended.</param>
    /// <param name="freed">
    /// Called outside all locks, with the request of an answered call, when an object no longer keeps that call
    /// cancellable.
    /// </param>
    /// <param name="logger">The log of the connection.</param>
    public ConnectionObjects(
        IpcConnectionOptions options,
        WireProtocol protocol,
        ControlMessages control,
        ThreadMap threads,
        Action<long> freed,
        ILogger logger)
    {
        Exports =
            new ExportTable(options.TimeProvider, options.Limits.MaxObjects, options.CaptureCreationStacks, freed);
        Imports = new ImportTable(options.TimeProvider, options.Limits.MaxObjects, options.CaptureCreationStacks);
        Releases = new Releases(Imports, protocol, control, threads);
        Subscriptions = new Subscriptions(logger);
        Orphans = new OrphanDisposal(logger);
    }

    public ExportTable Exports { get; }

    public ImportTable Imports { get; }

    public Releases Releases { get; }

    /// <summary>The handlers of the peer in events of this side's objects.</summary>
    public Subscriptions Subscriptions { get; }

    public OrphanDisposal Orphans { get; }

    /// <summary>
    /// Empties the tables when the connection has ended. Returns the objects that the peer owned, for
    /// <see cref="DisposeOrphans"/>.
    /// </summary>
    public List<Export> Close()
    {
        List<Export> orphans = Exports.Close();
        Imports.Close();
        return orphans;
    }

    /// <summary>
    /// Removes the peer's handlers from their events and disposes the objects it owned, on another thread.
    /// </summary>
    public void DisposeOrphans(List<Export> orphans) => Orphans.Dispose(Subscriptions.Close(), orphans);
}
