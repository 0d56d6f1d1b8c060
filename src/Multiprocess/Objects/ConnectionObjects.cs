using Microsoft.Extensions.Logging;
using Multiprocess.Framing;
using Multiprocess.Threads;

namespace Multiprocess.Objects;

/// <summary>The objects that cross one connection: those of this side, those of the peer, and how each is given up. Thread-safe.</summary>
internal sealed class ConnectionObjects
{
    /// <param name="options">The connection's options.</param>
    /// <param name="control">Where releases are sent.</param>
    /// <param name="threads">Knows whether the connection has ended.</param>
    /// <param name="freed">Told, outside all locks, of each answered call that an object kept open to cancellation, once that object keeps it no more.</param>
    /// <param name="logger">The connection's log.</param>
    public ConnectionObjects(IpcConnectionOptions options, ControlMessages control, ThreadMap threads, Action<long> freed, ILogger logger)
    {
        Exports = new ExportTable(options.TimeProvider, options.Limits.MaxObjects, options.CaptureCreationStacks, freed);
        Imports = new ImportTable(options.TimeProvider, options.Limits.MaxObjects, options.CaptureCreationStacks);
        Releases = new Releases(Imports, control, threads);
        Subscriptions = new Subscriptions(logger);
        Orphans = new OrphanDisposal(logger);
    }

    public ExportTable Exports { get; }

    public ImportTable Imports { get; }

    public Releases Releases { get; }

    /// <summary>The handlers of the peer in events of this side's objects.</summary>
    public Subscriptions Subscriptions { get; }

    public OrphanDisposal Orphans { get; }

    /// <summary>The connection has ended: empties the tables and returns what the peer owned, for <see cref="DisposeOrphans"/>.</summary>
    public List<Export> Close()
    {
        List<Export> orphans = Exports.Close();
        Imports.Close();
        return orphans;
    }

    /// <summary>Takes the peer's handlers out of their events and disposes its objects, on another thread.</summary>
    public void DisposeOrphans(List<Export> orphans) => Orphans.Dispose(Subscriptions.Close(), orphans);
}
