using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Multiprocess;
using Multiprocess.AspNetCore;
using Multiprocess.Hosting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves Multiprocess contracts over WebSockets of an ASP.NET Core application.</summary>
public static class IpcEndpointRouteBuilderExtensions
{
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Serves a contract over a WebSocket, to each client that the endpoint's authorization allows.</summary>
    /// <typeparam name="TContract">
    /// The contract of the root. It must be resolvable in the scope of the request.
    /// </typeparam>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, such as <c>/ipc</c>.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The endpoint: <c>RequireAuthorization</c> and every other convention apply.</returns>
    /// <remarks>
    /// <para>
    /// <c>UseWebSockets</c> is not needed. The request's scope lives until the connection has ended and none of its
    /// calls runs any more. The peer is the request's user: <see cref="IpcPeer.UserName"/>, and the client's
    /// certificate, if it sent one. Without an authorization policy, everybody who reaches the server may call.
    /// </para>
    /// <para>
    /// A client connects a <see cref="ClientWebSocket"/>, and passes a <see cref="WebSocketStream"/> over it to
    /// <c>IpcConnection.ConnectAsync</c> of the package Multiprocess.Streams.
    /// </para>
    /// </remarks>
    /// <example><code>
    /// app.MapIpc&lt;ICalculator&gt;("/ipc").RequireAuthorization("operators");
    /// </code></example>
    /// <exception cref="InvalidOperationException"><c>AddIpcEndpoints</c> was not called.</exception>
    public static IEndpointConventionBuilder MapIpc<TContract>(
        this IEndpointRouteBuilder endpoints, string pattern, Action<IpcEndpointOptions>? configure = null)
        where TContract : class
        => endpoints.MapIpc<TContract>(
            pattern, static (context, _) => context.RequestServices.GetRequiredService<TContract>(), configure);

    /// <summary>Serves a contract over a WebSocket, with roots that a factory creates.</summary>
    /// <typeparam name="TContract">The contract of the root.</typeparam>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, such as <c>/ipc</c>.</param>
    /// <param name="makeRoot">
    /// Creates the root of a connection, on a separate thread. The request has the user and the services.
    /// </param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="MapIpc{TContract}(IEndpointRouteBuilder, string, Action{IpcEndpointOptions})"
    /// path="/returns"/>
    /// <inheritdoc cref="MapIpc{TContract}(IEndpointRouteBuilder, string, Action{IpcEndpointOptions})"
    /// path="/remarks"/>
    /// <inheritdoc cref="MapIpc{TContract}(IEndpointRouteBuilder, string, Action{IpcEndpointOptions})"
    /// path="/exception"/>
    public static IEndpointConventionBuilder MapIpc<TContract>(
        this IEndpointRouteBuilder endpoints,
        string pattern,
        Func<HttpContext, IpcConnection, TContract> makeRoot,
        Action<IpcEndpointOptions>? configure = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(makeRoot);
        _ = ServedEndpoint.Connections(endpoints.ServiceProvider);
        var options = new IpcEndpointOptions();
        configure?.Invoke(options);
        RequestDelegate serve = endpoints.CreateApplicationBuilder()
            .UseWebSockets()
            .Use(_ => context => ServeAsync(context, makeRoot, options))
            .Build();
        return endpoints.Map(pattern, serve).WithDisplayName($"IPC {typeof(TContract).FullName}");
    }

    private static async Task ServeAsync<TContract>(
        HttpContext context, Func<HttpContext, IpcConnection, TContract> makeRoot, IpcEndpointOptions options)
        where TContract : class
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }

        if (!IsOriginAllowed(context.Request, options))
        {
            ServedEndpoint.Refused(
                context.RequestServices, $"pages of {IpcText.Escape(context.Request.Headers.Origin)} may not connect.");
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        var stream = new EndingStream(new PatientStream(WebSocketStream.Create(socket, WebSocketMessageType.Binary)));
        await ServedEndpoint.ServeAsync(
            aborted => IpcServer.ServeAsync(
                stream,
                connection =>
                {
                    if (context.RequestServices.GetService<IpcConnectionAccessor>() is { } current)
                    {
                        current.Connection = connection;
                    }

                    return makeRoot(context, connection);
                },
                ServedEndpoint.Complete(options.Server, context.RequestServices),
                PeerOf(context),
                aborted),
            options,
            context.RequestServices,
            async () =>
            {
                // The end of the request cuts off the socket, and the last answers and the Goodbye may not be sent yet.
                await stream.Ended.ConfigureAwait(false);
                await CloseAsync(socket).ConfigureAwait(false);
            },
            context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task CloseAsync(WebSocket socket)
    {
        using var bound = new CancellationTokenSource(s_closeTimeout);
        try
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, bound.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException
            or OperationCanceledException
            or InvalidOperationException)
        {
            // The peer has already left.
        }
    }

    /// <summary>
    /// Browsers send the origin of the page that connects, with the cookies of the user who views it.
    /// </summary>
    private static bool IsOriginAllowed(HttpRequest request, IpcEndpointOptions options)
    {
        string? origin = request.Headers.Origin;
        return string.IsNullOrEmpty(origin)
            || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
    }

    private static IpcPeer PeerOf(HttpContext context)
    {
        var peer = new IpcPeer(0, -1, -1)
        {
            UserName = context.User.Identity is { IsAuthenticated: true, Name: { } name } ? name : null,
        };
        return context.Connection.ClientCertificate is { } certificate ? KestrelPeer.With(peer, certificate) : peer;
    }
}
