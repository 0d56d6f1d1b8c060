namespace Multiprocess.Hosting;

/// <summary>
/// The connection of a scope. Services of the scope resolve <see cref="IpcConnection"/>, which comes from here.
/// </summary>
/// <remarks>
/// A scoped service, added by <c>AddIpcServer</c>, <c>UseIpcParent</c> and <c>AddIpcEndpoints</c>, or by
/// <c>AddIpcConnectionAccessor</c>. Whoever creates a scope for a connection sets the connection, once, before any
/// other service of the scope is resolved. Not thread-safe until then.
/// </remarks>
public sealed class IpcConnectionAccessor
{
    /// <summary>The connection. Null in a scope that belongs to no connection.</summary>
    public IpcConnection? Connection { get; set; }
}
