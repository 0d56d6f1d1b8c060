using Multiprocess.CapnProto.Generated;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.Connections;
using Multiprocess.Transports;

namespace Multiprocess.CapnProto;

/// <summary>Cap'n Proto beside the library's own protocol, on one socket of an <see cref="IpcServer"/>.</summary>
/// <example>
/// <code>
/// using var server = IpcServer.Listen&lt;IInit&gt;("unix:node.sock", _ => new Init(), new IpcServerOptions
/// {
///     OtherProtocol = CapnpProtocol.Serving&lt;ICoreInit&gt;(peer => new CoreInit()),
/// });
/// </code>
/// </example>
public static class CapnpProtocol
{
    /// <summary>Serves each client that speaks Cap'n Proto a root of its own.</summary>
    /// <param name="makeRoot">
    /// Creates the root for a client, on a separate thread. Calls that the client makes earlier wait until it returns.
    /// An exception that it throws ends the connection. A root that is disposable is disposed when the connection ends.
    /// </param>
    /// <param name="options">Limits of each connection.</param>
    /// <exception cref="NotSupportedException">The type is not a contract of Cap'n Proto.</exception>
    public static IpcOtherProtocol Serving<T>(Func<IpcPeer, T> makeRoot, CapnpConnectionOptions? options = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(makeRoot);
        return new Protocol<T>(CapnpBinding<T>.Instance, makeRoot, options);
    }

    private sealed class Protocol<T>(
        CapnpBinding<T> contract, Func<IpcPeer, T> makeRoot, CapnpConnectionOptions? options) : IpcOtherProtocol
        where T : class
    {
        internal override Type RootType => typeof(T);

        internal override OtherConnection Serve(Transport transport, IpcPeer peer)
        {
            try
            {
                CapnpStub<T> root = contract.StubOf(
                    makeRoot(peer) ?? throw new InvalidOperationException("The root factory returned null."));
                root.Own();
                return new Connection(CapnpConnection.Attach(transport, root, options));
            }
            catch
            {
                transport.Dispose();
                throw;
            }
        }
    }

    private sealed class Connection(CapnpConnection connection) : OtherConnection
    {
        public override Task Ended { get; } = EndAsync(connection);

        public override Task ShutdownAsync(TimeSpan drain) => connection.ShutdownAsync(drain);

        public override void Close() => connection.Dispose();

        private static async Task EndAsync(CapnpConnection connection)
            => await connection.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
