using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Multiprocess.AspNetCore;

/// <summary>
/// One connection behind Kestrel, from the moment when Kestrel passes it on until nothing of it runs any more.
/// </summary>
internal static partial class ServedEndpoint
{
    private const string LogCategory = "Multiprocess.AspNetCore";

    /// <summary>The options, with the application's loggers.</summary>
    public static IpcServerOptions Complete(IpcServerOptions options, IServiceProvider services)
        => options.LoggerFactory is null
            ? options with { LoggerFactory = services.GetRequiredService<ILoggerFactory>() }
            : options;

    /// <summary>The connections of an application.</summary>
    /// <exception cref="InvalidOperationException">The connections were not added to the services.</exception>
    public static EndpointConnections Connections(IServiceProvider services)
        => services.GetService<EndpointConnections>()
            ?? throw new InvalidOperationException(
                "MapIpc and UseIpc need services that were not added. Call builder.Services.AddIpcEndpoints() before "
                    + "the application is built.");

    /// <summary>
    /// Serves until the connection has ended and none of its calls runs any more. Never fails because of the peer.
    /// </summary>
    /// <param name="open">
    /// Opens the connection. The token is cancelled when Kestrel has lost its connection, or ends it.
    /// </param>
    /// <param name="options">How to serve.</param>
    /// <param name="services">The application's services.</param>
    /// <param name="end">
    /// Waits until the last bytes are sent, and ends the underlying connection. Called exactly once.
    /// </param>
    /// <param name="aborted">Cancelled when Kestrel has lost its connection, or ends it.</param>
    public static async Task ServeAsync(
        Func<CancellationToken, Task<IpcConnection>> open,
        IpcEndpointOptions options,
        IServiceProvider services,
        Func<Task> end,
        CancellationToken aborted)
    {
        EndpointConnections connections = Connections(services);
        IpcConnection? connection = null;
        var served = new TaskCompletionSource();
        try
        {
            connection = await open(aborted).ConfigureAwait(false);
            connections.Add(connection, options.DrainTimeout, served.Task);
            using CancellationTokenRegistration abort = aborted.UnsafeRegister(
                static state => ((IpcConnection)state!).Dispose(), connection);

            // Services that a running method uses are disposed when this returns.
            await connection.WhenCallsEndedAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (connection is null)
        {
            // The peer was told what it may know. A failure to create the root is logged with all details.
            Refused(
                services,
                exception.Message,
                exception is IpcException or OperationCanceledException ? null : exception);
        }
        finally
        {
            await end().ConfigureAwait(false);
            if (connection is not null)
            {
                connections.Remove(connection);
                connection.Dispose();
            }

            served.SetResult();
        }
    }

    /// <summary>Logs that a connection was not served, and why.</summary>
    public static void Refused(IServiceProvider services, string reason, Exception? exception = null)
        => Refused(services.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory), reason, exception);

    [LoggerMessage(70, LogLevel.Warning, "A connection was not served: {Reason}")]
    private static partial void Refused(ILogger logger, string reason, Exception? exception);
}
