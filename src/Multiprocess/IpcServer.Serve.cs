using System.IO.Pipelines;
using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Logging;
using Multiprocess.Metrics;
using Multiprocess.Objects;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Serving over what the application brings: one connection, without an address and without a listener.</summary>
public sealed partial class IpcServer
{
    /// <summary>Serves the one client at the other end of a pipe of the application's own.</summary>
    /// <param name="pipe">
    /// What carries the bytes. It belongs to the connection from this call on, also when the call fails: nobody else may
    /// read or write, and both its ends are completed when the connection has ended.
    /// </param>
    /// <param name="makeRoot">
    /// Makes the root, on the calling thread. The client's early calls wait until it returns; what it throws ends the
    /// connection and reaches the caller. A root whose contract is disposable is disposed when the connection ends, unless
    /// the client has done so.
    /// </param>
    /// <param name="options">
    /// The options of the connection. <see cref="IpcServerOptions.Authorize"/> is asked; limits for all connections of a
    /// server or of a user mean nothing here: whoever calls this many times bounds how often.
    /// </param>
    /// <param name="peer">
    /// Who is at the other end, if the application knows. Default null: a peer without credentials, which
    /// is allowed because the application has handed over the pipe, unless
    /// <see cref="IpcConnectionOptions.AuthorizePeer"/> says otherwise.
    /// </param>
    /// <returns>The server's end. Disposing it ends the connection; nothing else keeps it alive or ends it but the client.</returns>
    /// <remarks>
    /// Blocks for the handshake, at most <see cref="IpcConnectionOptions.ConnectTimeout"/>, and for
    /// <paramref name="makeRoot"/>. Until the handshake has ended no frame of more than 4 KiB is accepted. The pipe must be
    /// an ordered, lossless stream of bytes; its flush must wait while the peer does not read, and its pending read must
    /// end with <see cref="PipeReader.CancelPendingRead"/>. Nothing is encrypted or authenticated: that is the pipe's to do.
    /// </remarks>
    /// <example><code>
    /// using var connection = IpcServer.Serve&lt;ICalculator&gt;(pipe, connection => new Calculator());
    /// await connection.Completion;
    /// </code></example>
    /// <exception cref="IpcDisconnectedException">The pipe, or the client, ended.</exception>
    /// <exception cref="IpcTimeoutException">The client did not say Hello within <see cref="IpcConnectionOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="IpcException">
    /// The client wants another contract, breaks the protocol or is not allowed; or nothing can be recorded in
    /// <see cref="IpcConnectionOptions.RecordFolder"/>. Nothing was run.
    /// </exception>
    public static IpcConnection Serve<T>(IDuplexPipe pipe, Func<IpcConnection, T> makeRoot, IpcServerOptions? options = null, IpcPeer? peer = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcServerOptions();
        return ServeOver(LetIn(pipe, peer, IpcConnection.OwnPipe, options), makeRoot, options);
    }

    /// <summary>As <see cref="Serve{T}(IDuplexPipe, Func{IpcConnection, T}, IpcServerOptions, IpcPeer)"/>, without blocking.</summary>
    /// <param name="pipe">What carries the bytes. It belongs to the connection from this call on, also when the call fails.</param>
    /// <param name="makeRoot">Makes the root, on a thread of its own.</param>
    /// <param name="options">The options of the connection.</param>
    /// <param name="peer">Who is at the other end, if the application knows. Default null: a peer without credentials.</param>
    /// <param name="cancellationToken">Gives up; the pipe is completed then, too. A root that is made later is disposed.</param>
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
        return await ServeOverAsync(LetIn(pipe, peer, IpcConnection.OwnPipe, options), makeRoot, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="Endpoint.Over"/>; a client that is not allowed is counted and logged, as a listener does.</summary>
    internal static Transport LetIn(IDuplexPipe pipe, IpcPeer? peer, string description, IpcServerOptions options, Action? whenClosed = null)
    {
        try
        {
            return Endpoint.Over(pipe, peer, description, options, whenClosed);
        }
        catch (IpcException refusal)
        {
            Count(refusal);
            IpcLog.PeerRefused(IpcLog.Create(options.LoggerFactory), peer ?? PeerCredentials.Unknown, $"a connection over the {description}");
            throw;
        }
    }

    /// <summary>Serves over a transport, which is disposed if that fails.</summary>
    internal static IpcConnection ServeOver<T>(Transport transport, Func<IpcConnection, T> makeRoot, IpcServerOptions options) where T : class
    {
        try
        {
            _ = ContractBinding<T>.Instance;
            Recorder.Check(options);
            DiagnosticsAssembly.WhenLoaded(ConnectionMeter.Make);
            return ServedConnection.Open(transport, options, makeRoot);
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

    /// <summary>As <see cref="ServeOver"/>, without blocking. Cancelling ends the transport, and with it the wait for the client.</summary>
    internal static Task<IpcConnection> ServeOverAsync<T>(
        Transport transport, Func<IpcConnection, T> makeRoot, IpcServerOptions options, CancellationToken cancellationToken) where T : class
        => IpcConnection.Elsewhere(() => ServeOver(transport, makeRoot, options), cancellationToken, transport);
}
