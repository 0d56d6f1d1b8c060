using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Multiprocess.Hosting;

namespace Multiprocess.AspNetCore;

/// <summary>
/// Serves a contract over connections that a Kestrel server, or another server with <see cref="ConnectionContext"/>,
/// has accepted.
/// </summary>
/// <typeparam name="TContract">The contract of the root.</typeparam>
/// <remarks>Thread-safe. <c>UseIpc</c> creates one for an endpoint.</remarks>
/// <param name="services">The application's services.</param>
/// <param name="makeRoot">
/// Creates the root of a connection from the services of its scope, on a separate thread.
/// </param>
/// <param name="options">How to serve.</param>
public sealed class IpcConnectionHandler<TContract>(
    IServiceProvider services,
    Func<IServiceProvider, IpcConnection, TContract> makeRoot,
    IpcEndpointOptions options) : ConnectionHandler
    where TContract : class
{
    /// <summary>
    /// Serves one connection. Completes when the connection has ended and none of its calls runs any more. Never fails
    /// because of the peer.
    /// </summary>
    /// <param name="connection">The connection. The caller disposes it.</param>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var peer = new IpcPeer(0, -1, -1);
        if (connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } certificate)
        {
            peer = KestrelPeer.With(peer, certificate);
        }
        else if (connection.RemoteEndPoint is IPEndPoint address && !options.AllowAnonymous)
        {
            ServedEndpoint.Refused(
                services,
                $"{address}: Expected a certificate, got none. Ask for one with ClientCertificateMode.RequireCertificate, or set {nameof(IpcEndpointOptions.AllowAnonymous)}.");
            return;
        }

        AsyncServiceScope scope = services.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            await ServedEndpoint.ServeAsync(
                aborted => IpcServer.ServeAsync(
                    connection.Transport, Make, ServedEndpoint.Complete(options.Server, services), peer, aborted),
                options,
                services,
                static () => Task.CompletedTask,
                connection.ConnectionClosed).ConfigureAwait(false);
        }

        TContract Make(IpcConnection made)
        {
            if (scope.ServiceProvider.GetService<IpcConnectionAccessor>() is { } current)
            {
                current.Connection = made;
            }

            return makeRoot(scope.ServiceProvider, made);
        }
    }
}
