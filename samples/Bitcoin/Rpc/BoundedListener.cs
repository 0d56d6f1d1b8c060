using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitcoin.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Bitcoin.Rpc;

/// <summary>
/// Accepts connections for Kestrel, up to a limit: further clients are refused with status 503. The connection of an
/// address that is not allowed is closed without a word, so that nobody there learns what listens.
/// </summary>
/// <remarks>
/// Kestrel's own listener accepts without limit. When all file descriptors are in use, it loops without pause, and the
/// rest of the process cannot open files and pipes. This listener counts each connection before Kestrel sees it. If
/// other code has used up all descriptors, this listener closes one that it keeps in reserve, accepts with it, and
/// refuses: so no client waits for an answer that never comes.
/// </remarks>
internal sealed class BoundedListener : IConnectionListener
{
    private const int Backlog = 512;

    private static readonly byte[] s_refusal = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-store\r\nContent-Length: 0\r\nConnection: "
            + "close\r\n\r\n");
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly SocketConnectionContextFactory _connections;
    private readonly Counter _counter;
    private readonly IpAllowList _allowed;
    private readonly DebugLog _log;
    private Stream? _reserve;

    private BoundedListener(
        Socket socket,
        SocketConnectionContextFactory connections,
        Counter counter,
        IpAllowList allowed,
        DebugLog log)
    {
        _socket = socket;
        _connections = connections;
        _counter = counter;
        _allowed = allowed;
        _log = log;
        EndPoint = socket.LocalEndPoint!;
        Reserve();
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is ObjectDisposedException
                or OperationCanceledException
                or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
            {
                await TurnAway(cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (SocketException)
            {
                // The client disconnected before it was accepted.
                continue;
            }

            if (!IsAllowed(client))
            {
                client.Dispose();
                continue;
            }

            if (!_counter.TryAdd())
            {
                Refuse(client);
                continue;
            }

            try
            {
                client.NoDelay = true;
                ConnectionContext connection = _connections.Create(client);
                connection.ConnectionClosed.UnsafeRegister(static counter => ((Counter)counter!).Remove(), _counter);
                return connection;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                _counter.Remove();
                client.Dispose();
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _connections.Dispose();
        _reserve?.Dispose();
        return default;
    }

    private bool IsAllowed(Socket client)
    {
        IPEndPoint? remote;
        try
        {
            remote = (IPEndPoint?)client.RemoteEndPoint;
        }
        catch (SocketException)
        {
            // The client has disconnected.
            return false;
        }

        if (_allowed.Contains(remote?.Address))
        {
            return true;
        }

        _log.Write("http", $"Connection from {remote} rejected: Client network is not allowed HTTP access");
        return false;
    }

    /// <summary>Refuses a client. The answer fits into the buffer of a new socket, so sending does not wait.</summary>
    private static void Refuse(Socket client)
    {
        try
        {
            client.Blocking = false;
            client.Send(s_refusal);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The client has disconnected.
        }
        finally
        {
            client.Dispose();
        }
    }

    /// <summary>
    /// No descriptor is left: closes the reserve, accepts the next client with it, and refuses the client.
    /// </summary>
    private async Task TurnAway(CancellationToken cancelled)
    {
        _log.Warn("no file descriptor is left for an RPC client");
        _reserve?.Dispose();
        _reserve = null;
        try
        {
            if (_socket.Poll(0, SelectMode.SelectRead))
            {
                Socket client = _socket.Accept();
                if (IsAllowed(client))
                {
                    Refuse(client);
                }
                else
                {
                    client.Dispose();
                }
            }
        }
        catch (SocketException)
        {
            // Another thread took the descriptor first.
        }

        Reserve();
        try
        {
            await Task.Delay(s_pause, cancelled).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The next accept reports the error.
        }
    }

    private void Reserve()
    {
        try
        {
            _reserve = File.OpenRead(OperatingSystem.IsWindows() ? "NUL" : "/dev/null");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _reserve = null;
        }
    }

    /// <summary>Creates listeners that share one limit of connections.</summary>
    internal sealed class Factory(int limit, IpAllowList allowed, DebugLog log) : IConnectionListenerFactory
    {
        private readonly Counter _counter = new(limit);

        public ValueTask<IConnectionListener> BindAsync(
            EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endpoint);
                socket.Listen(Backlog);
                SocketConnectionContextFactory connections = new(
                    new SocketConnectionFactoryOptions(),
                    Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
                return new ValueTask<IConnectionListener>(
                    new BoundedListener(socket, connections, _counter, allowed, log));
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                throw exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? new AddressInUseException(exception.Message, exception)
                    : new IOException(exception.Message, exception);
            }
        }
    }

    /// <summary>The number of open connections. Thread-safe.</summary>
    private sealed class Counter(int limit)
    {
        private int _count;

        internal bool TryAdd()
        {
            if (Interlocked.Increment(ref _count) <= limit)
            {
                return true;
            }

            Interlocked.Decrement(ref _count);
            return false;
        }

        internal void Remove() => Interlocked.Decrement(ref _count);
    }
}
