using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Connects and serves over a <see cref="Stream"/> of the application's own, as <c>IpcConnection.Connect&lt;T&gt;(stream)</c> and <c>IpcServer.Serve&lt;T&gt;(stream, …)</c>.</summary>
/// <remarks>
/// <para>
/// The stream belongs to the connection from the call on, also when the call fails: nobody else may read, write or
/// dispose it. It is disposed when the connection has ended and what was sent last is written, at most a second later.
/// Only a stream that cannot be both read and written is left to the caller.
/// </para>
/// <para>
/// It must be an ordered, lossless stream of bytes in both directions, whose reads and writes may overlap. Its reads
/// and writes run on the thread pool, its asynchronous forms only. Nothing is encrypted or authenticated: that is the
/// stream's to do, as <c>SslStream</c> does.
/// </para>
/// </remarks>
public static class IpcStreamExtensions
{
    extension(IpcConnection)
    {
        /// <summary>Connects over a stream of the application's own, at whose other end a server serves <typeparamref name="T"/>.</summary>
        /// <param name="stream">What carries the bytes. It belongs to the connection from this call on, also when connecting fails.</param>
        /// <param name="options">The options of the connection.</param>
        /// <param name="peer">
        /// Who is at the other end, if the application knows. Default null: a peer without credentials, which is allowed
        /// because the application has handed over the stream, unless <see cref="IpcConnectionOptions.AuthorizePeer"/> says
        /// otherwise.
        /// </param>
        /// <remarks>Blocks for the handshake, at most <see cref="IpcConnectionOptions.ConnectTimeout"/>.</remarks>
        /// <example><code>
        /// using var connection = IpcConnection.Connect&lt;ICalculator&gt;(stream);
        /// </code></example>
        /// <exception cref="ArgumentException">The stream cannot be both read and written; it is left as it is.</exception>
        /// <exception cref="IpcDisconnectedException">The stream, or the server, ended.</exception>
        /// <exception cref="IpcTimeoutException">The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.</exception>
        /// <exception cref="IpcException">
        /// The server refused, serves another contract, or is not allowed; or nothing can be recorded in
        /// <see cref="IpcConnectionOptions.RecordFolder"/>. Nothing was run.
        /// </exception>
        public static IpcConnection<T> Connect<T>(Stream stream, IpcConnectionOptions? options = null, IpcPeer? peer = null) where T : class
        {
            var own = new OwnStream(stream);
            options ??= new IpcConnectionOptions();
            return IpcConnection.ConnectOver<T>(Endpoint.Over(own.Pipe, peer, OwnStream.Description, options, own.EndSoon), options);
        }

        /// <summary>As <c>Connect</c>, without blocking.</summary>
        /// <param name="stream">What carries the bytes. It belongs to the connection from this call on, also when connecting fails.</param>
        /// <param name="options">The options of the connection.</param>
        /// <param name="peer">Who is at the other end, if the application knows. Default null: a peer without credentials.</param>
        /// <param name="cancellationToken">Gives up; the stream is disposed then, too.</param>
        /// <exception cref="ArgumentException">The stream cannot be both read and written; it is left as it is.</exception>
        /// <exception cref="IpcException">As for <c>Connect</c>.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
        public static async Task<IpcConnection<T>> ConnectAsync<T>(
            Stream stream, IpcConnectionOptions? options = null, IpcPeer? peer = null, CancellationToken cancellationToken = default) where T : class
        {
            var own = new OwnStream(stream);
            options ??= new IpcConnectionOptions();
            Transport transport = Endpoint.Over(own.Pipe, peer, OwnStream.Description, options, own.EndSoon);
            return await IpcConnection.ConnectOverAsync<T>(transport, options, cancellationToken).ConfigureAwait(false);
        }
    }

    extension(IpcServer)
    {
        /// <summary>Serves the one client at the other end of a stream of the application's own.</summary>
        /// <param name="stream">What carries the bytes. It belongs to the connection from this call on, also when the call fails.</param>
        /// <param name="makeRoot">
        /// Makes the root, on the calling thread. The client's early calls wait until it returns; what it throws ends the
        /// connection and reaches the caller. A root whose contract is disposable is disposed when the connection ends,
        /// unless the client has done so.
        /// </param>
        /// <param name="options">
        /// The options of the connection. <see cref="IpcServerOptions.Authorize"/> is asked; limits for all connections of
        /// a server or of a user mean nothing here: whoever calls this many times bounds how often.
        /// </param>
        /// <param name="peer">
        /// Who is at the other end, if the application knows. Default null: a peer without credentials, which is allowed
        /// because the application has handed over the stream, unless <see cref="IpcConnectionOptions.AuthorizePeer"/> says
        /// otherwise.
        /// </param>
        /// <returns>The server's end. Disposing it ends the connection; nothing else keeps it alive or ends it but the client.</returns>
        /// <remarks>
        /// Blocks for the handshake, at most <see cref="IpcConnectionOptions.ConnectTimeout"/>, and for
        /// <paramref name="makeRoot"/>. Until the handshake has ended no frame of more than 4 KiB is accepted.
        /// </remarks>
        /// <example><code>
        /// using var connection = IpcServer.Serve&lt;ICalculator&gt;(stream, connection => new Calculator());
        /// await connection.Completion;
        /// </code></example>
        /// <exception cref="ArgumentException">The stream cannot be both read and written; it is left as it is.</exception>
        /// <exception cref="IpcDisconnectedException">The stream, or the client, ended.</exception>
        /// <exception cref="IpcTimeoutException">The client did not say Hello within <see cref="IpcConnectionOptions.ConnectTimeout"/>.</exception>
        /// <exception cref="IpcException">
        /// The client wants another contract, breaks the protocol or is not allowed; or nothing can be recorded in
        /// <see cref="IpcConnectionOptions.RecordFolder"/>. Nothing was run.
        /// </exception>
        public static IpcConnection Serve<T>(Stream stream, Func<IpcConnection, T> makeRoot, IpcServerOptions? options = null, IpcPeer? peer = null) where T : class
        {
            ArgumentNullException.ThrowIfNull(makeRoot);
            var own = new OwnStream(stream);
            options ??= new IpcServerOptions();
            return IpcServer.ServeOver(IpcServer.LetIn(own.Pipe, peer, OwnStream.Description, options, own.EndSoon), makeRoot, options);
        }

        /// <summary>As <c>Serve</c>, without blocking. The root is made on a thread of its own.</summary>
        /// <param name="stream">What carries the bytes. It belongs to the connection from this call on, also when the call fails.</param>
        /// <param name="makeRoot">Makes the root, on a thread of its own.</param>
        /// <param name="options">The options of the connection.</param>
        /// <param name="peer">Who is at the other end, if the application knows. Default null: a peer without credentials.</param>
        /// <param name="cancellationToken">Gives up; the stream is disposed then, too. A root that is made later is disposed.</param>
        /// <returns>The server's end. Disposing it ends the connection; nothing else keeps it alive or ends it but the client.</returns>
        /// <exception cref="ArgumentException">The stream cannot be both read and written; it is left as it is.</exception>
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
            return await IpcServer.ServeOverAsync(transport, makeRoot, options, cancellationToken).ConfigureAwait(false);
        }
    }
}
