using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>
/// Connects and serves over a <see cref="Stream"/> that the application provides, with
/// <c>IpcConnection.Connect&lt;T&gt;(stream)</c> and <c>IpcServer.Serve&lt;T&gt;(stream, …)</c>.
/// </summary>
/// <remarks>
/// <para>
/// The connection owns the stream from the call on, even when the call fails: no other code may read, write or dispose
/// it. The stream is disposed when the connection has ended and its last bytes are written, at most one second later.
/// Only a stream that cannot be both read and written stays with the caller.
/// </para>
/// <para>
/// The stream must be ordered and lossless in both directions, and its reads and writes may overlap. Only its
/// asynchronous methods are used, on the thread pool. The connection does not encrypt or authenticate; the stream is
/// responsible for that, as <c>SslStream</c> is.
/// </para>
/// </remarks>
public static class IpcStreamExtensions
{
    extension(IpcConnection)
    {
        /// <summary>
        /// Connects over a stream that the application provides. A server at the other end serves
        /// <typeparamref name="T"/>.
        /// </summary>
        /// <param name="stream">
        /// Carries the bytes. The connection owns the stream from this call on, even when connecting fails.
        /// </param>
        /// <param name="options">The options of the connection.</param>
        /// <param name="peer">
        /// The peer's identity, if the application knows it. Default null: a peer without credentials. Such a peer is
        /// allowed because the application passed the stream, unless <see cref="IpcConnectionOptions.AuthorizePeer"/>
        /// refuses it.
        /// </param>
        /// <remarks>
        /// Blocks during the handshake, for at most <see cref="IpcConnectionOptions.ConnectTimeout"/>.
        /// </remarks>
        /// <example><code>
        /// using var connection = IpcConnection.Connect&lt;ICalculator&gt;(stream);
        /// </code></example>
        /// <exception cref="ArgumentException">
        /// The stream cannot be both read and written; it is not changed.
        /// </exception>
        /// <exception cref="IpcDisconnectedException">The stream or the server ended.</exception>
        /// <exception cref="IpcTimeoutException">
        /// The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.
        /// </exception>
        /// <exception cref="IpcException">
        /// The server refused the connection, serves another contract, or is not allowed. Or recording to
        /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible. No call was run.
        /// </exception>
        public static IpcConnection<T> Connect<T>(
            Stream stream,
            IpcConnectionOptions? options = null,
            IpcPeer? peer = null) where T : class
        {
            var own = new OwnStream(stream);
            options ??= new IpcConnectionOptions();
            return IpcConnection.ConnectOver<T>(
                Endpoint.Over(own.Pipe, peer, OwnStream.Description, options, own.EndSoon), options);
        }

        /// <summary>As <c>Connect</c>, without blocking.</summary>
        /// <param name="stream">
        /// Carries the bytes. The connection owns the stream from this call on, even when connecting fails.
        /// </param>
        /// <param name="options">The options of the connection.</param>
        /// <param name="peer">
        /// The peer's identity, if the application knows it. Default null: a peer without credentials.
        /// </param>
        /// <param name="cancellationToken">Cancels connecting; the stream is then disposed too.</param>
        /// <exception cref="ArgumentException">
        /// The stream cannot be both read and written; it is not changed.
        /// </exception>
        /// <exception cref="IpcException">As for <c>Connect</c>.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public static async Task<IpcConnection<T>> ConnectAsync<T>(
            Stream stream,
            IpcConnectionOptions? options = null,
            IpcPeer? peer = null,
            CancellationToken cancellationToken = default) where T : class
        {
            var own = new OwnStream(stream);
            options ??= new IpcConnectionOptions();
            Transport transport = Endpoint.Over(own.Pipe, peer, OwnStream.Description, options, own.EndSoon);
            return await IpcConnection.ConnectOverAsync<T>(transport, options, cancellationToken).ConfigureAwait(false);
        }
    }

    extension(IpcServer)
    {
        /// <summary>Serves one client over a stream that the application provides.</summary>
        /// <param name="stream">
        /// Carries the bytes. The connection owns the stream from this call on, even when the call fails.
        /// </param>
        /// <param name="makeRoot">
        /// Creates the root, on the calling thread. Calls that the client makes earlier wait until it returns. An
        /// exception that it throws ends the connection and reaches the caller of this method. When the contract is
        /// disposable, the root is disposed when the connection ends, unless the client has already disposed it.
        /// </param>
        /// <param name="options">
        /// The options of the connection. <see cref="IpcServerOptions.Authorize"/> is called. Limits over all
        /// connections of a server or a user do not apply, but for
        /// <see cref="IpcServerOptions.MaxServerWaitingBytes"/>: the application decides how many connections it
        /// serves.
        /// </param>
        /// <param name="peer">
        /// The peer's identity, if the application knows it. Default null: a peer without credentials. Such a peer is
        /// allowed because the application passed the stream, unless <see cref="IpcConnectionOptions.AuthorizePeer"/>
        /// refuses it.
        /// </param>
        /// <returns>
        /// The server's end. The connection ends when this object is disposed or the client ends it, and for no other
        /// reason.
        /// </returns>
        /// <remarks>
        /// Blocks during the handshake, for at most <see cref="IpcConnectionOptions.ConnectTimeout"/>, and during
        /// <paramref name="makeRoot"/>. During the handshake, frames of more than 4 KiB are refused.
        /// </remarks>
        /// <example><code>
        /// using var connection = IpcServer.Serve&lt;ICalculator&gt;(stream, connection => new Calculator());
        /// await connection.Completion;
        /// </code></example>
        /// <exception cref="ArgumentException">
        /// The stream cannot be both read and written; it is not changed.
        /// </exception>
        /// <exception cref="IpcDisconnectedException">The stream or the client ended.</exception>
        /// <exception cref="IpcTimeoutException">
        /// The client did not send its Hello within <see cref="IpcConnectionOptions.ConnectTimeout"/>.
        /// </exception>
        /// <exception cref="IpcException">
        /// The client expects another contract, breaks the protocol or is not allowed. Or recording to
        /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible. No call was run.
        /// </exception>
        public static IpcConnection Serve<T>(
            Stream stream,
            Func<IpcConnection, T> makeRoot,
            IpcServerOptions? options = null,
            IpcPeer? peer = null) where T : class
        {
            ArgumentNullException.ThrowIfNull(makeRoot);
            var own = new OwnStream(stream);
            options ??= new IpcServerOptions();
            return IpcServer.ServeOver(
                IpcServer.LetIn(own.Pipe, peer, OwnStream.Description, options, own.EndSoon), makeRoot, options);
        }

        /// <summary>As <c>Serve</c>, without blocking. The root is created on a separate thread.</summary>
        /// <param name="stream">
        /// Carries the bytes. The connection owns the stream from this call on, even when the call fails.
        /// </param>
        /// <param name="makeRoot">Creates the root, on a separate thread.</param>
        /// <param name="options">The options of the connection.</param>
        /// <param name="peer">
        /// The peer's identity, if the application knows it. Default null: a peer without credentials.
        /// </param>
        /// <param name="cancellationToken">
        /// Cancels the call; the stream is then disposed too. A root that is created later is disposed.
        /// </param>
        /// <returns>
        /// The server's end. The connection ends when this object is disposed or the client ends it, and for no other
        /// reason.
        /// </returns>
        /// <exception cref="ArgumentException">
        /// The stream cannot be both read and written; it is not changed.
        /// </exception>
        /// <exception cref="IpcException">As for <c>Serve</c>.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public static async Task<IpcConnection> ServeAsync<T>(
            Stream stream,
            Func<IpcConnection, T> makeRoot,
            IpcServerOptions? options = null,
            IpcPeer? peer = null,
            CancellationToken cancellationToken = default) where T : class
        {
            ArgumentNullException.ThrowIfNull(makeRoot);
            var own = new OwnStream(stream);
            options ??= new IpcServerOptions();
            Transport transport = IpcServer.LetIn(own.Pipe, peer, OwnStream.Description, options, own.EndSoon);
            return await IpcServer.ServeOverAsync(
                transport, makeRoot, options, cancellationToken).ConfigureAwait(false);
        }
    }
}
