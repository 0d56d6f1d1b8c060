using Microsoft.Extensions.DependencyInjection;
using Multiprocess;
using Multiprocess.AspNetCore;

namespace Microsoft.AspNetCore.Connections;

/// <summary>Serves Multiprocess contracts over the connections of a Kestrel server, which owns TCP and TLS.</summary>
public static class IpcConnectionBuilderExtensions
{
    /// <summary>
    /// Serves a contract over each connection that Kestrel accepts here. Nothing else is served at the same endpoint.
    /// </summary>
    /// <typeparam name="TContract">
    /// The contract of the root. It must be resolvable in a scope of the connection.
    /// </typeparam>
    /// <param name="builder">The endpoint's options, after <c>UseHttps</c>.</param>
    /// <param name="configure">Sets options.</param>
    /// <remarks>
    /// Over TCP, a peer is served only if it has sent a certificate that Kestrel accepts, unless
    /// <see cref="IpcEndpointOptions.AllowAnonymous"/> is set. <c>UseHttps</c> with
    /// <c>ClientCertificateMode.RequireCertificate</c> asks for a certificate. A Unix socket of Kestrel does not
    /// identify the peer: every user whom the mode of its file allows may connect.
    /// </remarks>
    /// <example><code>
    /// options.Listen(IPAddress.Any, 7443, listen =&gt; listen.UseHttps(https).UseIpc&lt;ICalculator&gt;());
    /// </code></example>
    /// <exception cref="InvalidOperationException"><c>AddIpcEndpoints</c> was not called.</exception>
    public static IConnectionBuilder UseIpc<TContract>(
        this IConnectionBuilder builder, Action<IpcEndpointOptions>? configure = null)
        where TContract : class
        => builder.UseIpc<TContract>(static (scope, _) => scope.GetRequiredService<TContract>(), configure);

    /// <summary>
    /// Serves a contract over each connection that Kestrel accepts here, with roots that a factory creates.
    /// </summary>
    /// <typeparam name="TContract">The contract of the root.</typeparam>
    /// <param name="builder">The endpoint's options, after <c>UseHttps</c>.</param>
    /// <param name="makeRoot">
    /// Creates the root of a connection from the services of its scope, on a separate thread.
    /// </param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="UseIpc{TContract}(IConnectionBuilder, Action{IpcEndpointOptions})" path="/remarks"/>
    /// <inheritdoc cref="UseIpc{TContract}(IConnectionBuilder, Action{IpcEndpointOptions})" path="/exception"/>
    public static IConnectionBuilder UseIpc<TContract>(
        this IConnectionBuilder builder,
        Func<IServiceProvider, IpcConnection, TContract> makeRoot,
        Action<IpcEndpointOptions>? configure = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(makeRoot);
        _ = ServedEndpoint.Connections(builder.ApplicationServices);
        var options = new IpcEndpointOptions();
        configure?.Invoke(options);
        var handler = new IpcConnectionHandler<TContract>(builder.ApplicationServices, makeRoot, options);
        return builder.Run(handler.OnConnectedAsync);
    }
}
