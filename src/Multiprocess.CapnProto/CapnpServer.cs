using Multiprocess.CapnProto.Rpc;
using Multiprocess.Connections;
using Multiprocess.Transports;

namespace Multiprocess.CapnProto;

/// <summary>Listens at an address and serves each client its own root over Cap'n Proto alone.</summary>
/// <remarks>
/// <para>
/// Thread-safe. To serve the library's own protocol too, use <see cref="CapnpProtocol.Serving"/>.
/// </para>
/// <para>
/// <see cref="Dispose"/> stops accepting and ends all connections without waiting for running methods.
/// <see cref="ShutdownAsync"/> waits for them for a bounded time.
/// </para>
/// </remarks>
public sealed class CapnpServer : IDisposable, IAsyncDisposable
{
    private readonly IpcServer _server;

    private CapnpServer(IpcServer server) => _server = server;

    /// <summary>Where the server listens, in canonical form.</summary>
    public IpcAddress Address => _server.Address;

    /// <summary>The number of open connections.</summary>
    public int Connections => _server.OtherConnections;

    /// <summary>
    /// Starts listening on a Unix socket. Only this user can access the socket, from the moment it exists.
    /// </summary>
    /// <param name="address">Where to listen, such as <c>unix:node.sock</c>.</param>
    /// <param name="makeRoot">
    /// Creates the root for a client, on a separate thread. Calls that the client makes earlier wait until it returns.
    /// An exception that it throws ends the connection. A root that is disposable is disposed when the connection ends.
    /// </param>
    /// <param name="options">Limits of each connection.</param>
    /// <param name="serverOptions">
    /// The options of the server: who may connect, how many, and logging. Those of single connections do not apply.
    /// </param>
    /// <exception cref="ArgumentException">The address is not that of a Unix socket.</exception>
    /// <exception cref="IpcException">Another server listens there, or the path cannot be used.</exception>
    /// <exception cref="NotSupportedException">The type is not a contract of Cap'n Proto.</exception>
    public static CapnpServer Listen<T>(
        IpcAddress address,
        Func<IpcPeer, T> makeRoot,
        CapnpConnectionOptions? options = null,
        IpcServerOptions? serverOptions = null)
        where T : class
    {
        if (address.Kind == IpcAddressKind.Tcp)
        {
            throw new ArgumentException($"Address: Expected a Unix socket, got '{address}'.", nameof(address));
        }

        IpcServerOptions all = (serverOptions ?? new IpcServerOptions()) with
        {
            OtherProtocol = CapnpProtocol.Serving(makeRoot, options),
        };
        return new(new IpcServer(
            Endpoint.Listen(address, all),
            all,
            (transport, _, _) =>
            {
                ServedConnection.TurnAway(transport, all, "The server speaks Cap'n Proto alone.");
                throw new IpcException(
                    IpcErrorKind.Refused, "Client: Expected one that speaks Cap'n Proto, got a Hello.");
            }));
    }

    /// <summary>
    /// Stops accepting, refuses new calls, cancels running calls, waits at most <paramref name="drain"/> until they
    /// have ended, then ends all connections.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The time is neither infinite nor from zero to 24 days; nothing was stopped.
    /// </exception>
    public Task ShutdownAsync(TimeSpan drain) => _server.ShutdownAsync(drain);

    /// <summary>Stops accepting, removes the socket and ends all connections.</summary>
    public void Dispose() => _server.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
