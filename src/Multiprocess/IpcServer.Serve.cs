using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Framing;
using Multiprocess.Logging;
using Multiprocess.Metrics;
using Multiprocess.Objects;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Serving over a pipe of the application: one connection, without an address or a listener.</summary>
public sealed partial class IpcServer
{
    private static readonly ConditionalWeakTable<object, SharedByteLimit> s_shared = [];

    /// <summary>Serves one client over a pipe that the application provides.</summary>
    /// <param name="pipe">
    /// Carries the bytes. The connection owns the pipe from this call on, even when the call fails: nothing else may
    /// read or write it, and both its ends are completed when the connection has ended.
    /// </param>
    /// <param name="makeRoot">
    /// Creates the root, on the calling thread. Calls that the client makes earlier wait until it returns. An exception
    /// that it throws ends the connection and reaches the caller of this method. When the contract is disposable, the
    /// root is disposed when the connection ends, unless the client has already disposed it.
    /// </param>
    /// <param name="options">
    /// The options of the connection. <see cref="IpcServerOptions.Authorize"/> is called. Limits over all connections
    /// of a server or a user do not apply, except <see cref="IpcServerOptions.MaxServerWaitingBytes"/>: the
    /// application decides how many connections it serves.
    /// </param>
    /// <param name="peer">
    /// The peer's identity, if the application knows it. Default null: a peer without credentials. Such a peer is
    /// allowed because the application passed the pipe, unless <see cref="IpcConnectionOptions.AuthorizePeer"/> refuses
    /// it.
    /// </param>
    /// <returns>
    /// The server's end. The connection ends when this object is disposed or the client ends it, and for no other
    /// reason.
    /// </returns>
    /// <remarks>
    /// Blocks during the handshake, for at most <see cref="IpcConnectionOptions.ConnectTimeout"/>, and during
    /// <paramref name="makeRoot"/>. During the handshake, frames of more than 4 KiB are refused. The pipe must be an
    /// ordered, lossless stream of bytes. Its flush must wait while the peer does not read.
    /// <see cref="PipeReader.CancelPendingRead"/> must end its pending read. The connection does not encrypt or
    /// authenticate; the pipe is responsible for that.
    /// </remarks>
    /// <example><code>
    /// using var connection = IpcServer.Serve&lt;ICalculator&gt;(pipe, connection => new Calculator());
    /// await connection.Completion;
    /// </code></example>
    /// <exception cref="IpcDisconnectedException">The pipe or the client ended.</exception>
    /// <exception cref="IpcTimeoutException">
    /// The client did not send its Hello within <see cref="IpcConnectionOptions.ConnectTimeout"/>.
    /// </exception>
    /// <exception cref="IpcException">
    /// The client expects another contract, breaks the protocol or is not allowed. Or recording to
    /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible. No call was run.
    /// </exception>
    public static IpcConnection Serve<T>(
        IDuplexPipe pipe,
        Func<IpcConnection, T> makeRoot,
        IpcServerOptions? options = null,
        IpcPeer? peer = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcServerOptions();
        return ServeOver(LetIn(pipe, peer, IpcConnection.OwnPipe, options), makeRoot, options);
    }

    /// <summary>
    /// As <see cref="Serve{T}(IDuplexPipe, Func{IpcConnection, T}, IpcServerOptions, IpcPeer)"/>, without blocking.
    /// </summary>
    /// <param name="pipe">
    /// Carries the bytes. The connection owns the pipe from this call on, even when the call fails.
    /// </param>
    /// <param name="makeRoot">Creates the root, on a separate thread.</param>
    /// <param name="options">The options of the connection.</param>
    /// <param name="peer">
    /// The peer's identity, if the application knows it. Default null: a peer without credentials.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the call; the pipe is then completed too. A root that is created later is disposed.
    /// </param>
    /// <inheritdoc cref="Serve{T}(IDuplexPipe, Func{IpcConnection, T}, IpcServerOptions, IpcPeer)" path="/returns"/>
    /// <inheritdoc cref="Serve{T}(IDuplexPipe, Func{IpcConnection, T}, IpcServerOptions, IpcPeer)" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<IpcConnection> ServeAsync<T>(
        IDuplexPipe pipe,
        Func<IpcConnection, T> makeRoot,
        IpcServerOptions? options = null,
        IpcPeer? peer = null,
        CancellationToken cancellationToken = default) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcServerOptions();
        return await ServeOverAsync(
            LetIn(pipe, peer, IpcConnection.OwnPipe, options),
            makeRoot,
            options,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// As <see cref="Endpoint.Over"/>; counts and logs a client that is not allowed, as a listener does.
    /// </summary>
    internal static Transport LetIn(
        IDuplexPipe pipe,
        IpcPeer? peer,
        string description,
        IpcServerOptions options,
        Action? whenClosed = null)
    {
        try
        {
            return Endpoint.Over(pipe, peer, description, options, whenClosed);
        }
        catch (IpcException refusal)
        {
            Count(refusal);
            IpcLog.PeerRefused(
                IpcLog.Create(options.LoggerFactory),
                peer ?? PeerCredentials.Unknown,
                $"a connection over the {description}");
            throw;
        }
    }

    /// <summary>The limit on waiting bytes of all connections that are served with these options.</summary>
    private static SharedByteLimit SharedBy(IpcServerOptions options)
        => s_shared.GetValue(
            options.Sharing,
            _ => new SharedByteLimit(options.MaxServerWaitingBytes, outer: null, options.FrameTurnMilliseconds));

    /// <summary>Serves over a transport, and disposes the transport if that fails.</summary>
    internal static IpcConnection ServeOver<T>(
        Transport transport,
        Func<IpcConnection, T> makeRoot,
        IpcServerOptions options) where T : class
    {
        try
        {
            _ = ContractBinding<T>.Instance;
            Recorder.Check(options);
            DiagnosticsAssembly.WhenLoaded(ConnectionMeter.Make);
            return ServedConnection.Open(transport, options, makeRoot, began: null, SharedBy(options));
        }
        catch (Exception failure)
        {
            if (failure is IpcException exception and not IpcDisconnectedException)
            {
                Count(exception);
            }

            transport.Dispose();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="ServeOver"/>, without blocking. Cancelling ends the transport, and thus the wait for the client.
    /// </summary>
    internal static Task<IpcConnection> ServeOverAsync<T>(
        Transport transport,
        Func<IpcConnection, T> makeRoot,
        IpcServerOptions options,
        CancellationToken cancellationToken) where T : class
        => IpcConnection.Elsewhere(() => ServeOver(transport, makeRoot, options), cancellationToken, transport);
}
