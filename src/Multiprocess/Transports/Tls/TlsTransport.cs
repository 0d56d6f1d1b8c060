using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Multiprocess.Transports.Tls;

/// <summary>TLS over a TCP socket, with the base library, used through pipes.</summary>
/// <remarks>
/// When this object exists, the handshake has ended, and the connecting side trusts the other. The accepting side may
/// not trust the client (<see cref="Refusal"/>); then it receives nothing from the client. Unlike on a Unix socket,
/// bytes are received through the thread pool.
/// </remarks>
internal sealed class TlsTransport : Transport
{
    private readonly TcpStream _stream;
    private readonly DuplexPipeTransport _pipes;

    private TlsTransport(TcpStream stream, SslStream secured, string? doubt, string description)
    {
        IpcPeer peer = secured.RemoteCertificate is X509Certificate2 shown
            ? PeerCredentials.Unknown with
            {
                CertificateSubject = shown.Subject,
                CertificateFingerprint = IpcTlsOptions.FingerprintOf(shown),
            }
            : PeerCredentials.Unknown;
        _stream = stream;
        Refusal = doubt is null ? null : $"The peer at {description} is not trusted: {doubt}.";
        _pipes = new DuplexPipeTransport(new Ends(secured), peer, description);
    }

    public override string Description => _pipes.Description;

    public override IpcPeer Peer => _pipes.Peer;

    public override bool IsRemote => true;

    public override string? Refusal { get; }

    /// <summary>Performs the handshake as the connecting side.</summary>
    /// <exception cref="IpcTimeoutException">The server exceeded the time limit.</exception>
    /// <exception cref="IpcDisconnectedException">The server ended the connection, or does not use TLS.</exception>
    /// <exception cref="IpcException">The server is not trusted (<see cref="IpcErrorKind.Refused"/>).</exception>
    public static TlsTransport Connect(Socket socket, string host, TlsTrust trust, TimeSpan limit, string description)
    {
        string? doubt = null;
        return Secure(
            socket,
            secured => secured.AuthenticateAsClientAsync(trust.ForClient(host, reason => doubt = reason)),
            () => doubt,
            limit,
            description);
    }

    /// <summary>
    /// Performs the handshake as the accepting side. For a client that is not trusted, <see cref="Refusal"/> is set.
    /// </summary>
    /// <exception cref="IpcTimeoutException">The client exceeded the time limit.</exception>
    /// <exception cref="IpcDisconnectedException">The client ended the connection.</exception>
    /// <exception cref="IpcException">
    /// The client does not trust this side, or does not use TLS (<see cref="IpcErrorKind.Refused"/>).
    /// </exception>
    public static TlsTransport Accept(Socket socket, TlsTrust trust, TimeSpan limit, string description)
    {
        string? doubt = null;
        return Secure(
            socket,
            secured => secured.AuthenticateAsServerAsync(trust.ForServer(reason => doubt = reason)),
            () => doubt,
            limit,
            description);
    }

    public override int TryReceive(Span<byte> buffer) => Refusal is null ? _pipes.TryReceive(buffer) : 0;

    public override int Receive(Span<byte> buffer) => Refusal is null ? _pipes.Receive(buffer) : 0;

    public override bool WaitToReceive(int milliseconds) => Refusal is not null || _pipes.WaitToReceive(milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => _pipes.TrySend(first, second);

    public override bool WaitToSend(int milliseconds) => _pipes.WaitToSend(milliseconds);

    public override void Close()
    {
        _pipes.Close();
        _stream.EndSoon();
    }

    public override void Dispose() => Close();

    private static TlsTransport Secure(
        Socket socket,
        Func<SslStream, Task> authenticate,
        Func<string?> doubt,
        TimeSpan limit,
        string description)
    {
        TcpStream? stream = null;
        SslStream? secured = null;
        try
        {
            TcpStream.Prepare(socket);
            stream = new TcpStream(socket);
            secured = new SslStream(stream, leaveInnerStreamOpen: false);
            Task handshake = authenticate(secured);
            if (!Ended(handshake, limit))
            {
                throw new IpcTimeoutException(
                    $"The TLS handshake with {description} did not end within {limit.TotalMilliseconds:N0} ms.");
            }

            handshake.GetAwaiter().GetResult();
            return new TlsTransport(stream, secured, doubt(), description);
        }
        catch (Exception failure)
        {
            secured?.Dispose();
            stream?.EndSoon();
            if (stream is null)
            {
                socket.Dispose();
            }

            throw failure switch
            {
                _ when doubt() is { } reason
                    => new IpcException(
                        IpcErrorKind.Refused, $"The peer at {description} is not trusted: {reason}.", failure),
                AuthenticationException
                    => new IpcException(
                        IpcErrorKind.Refused,
                        $"The peer at {description} refused the TLS handshake, or speaks no TLS: "
                            + $"{Innermost(failure).Message}",
                        failure),
                IOException or SocketException or ObjectDisposedException
                    => new IpcDisconnectedException(
                        $"The peer at {description} ended the connection in the TLS handshake: {failure.Message}",
                        failure),
                _ => failure,
            };
        }
    }

    private static bool Ended(Task handshake, TimeSpan limit)
    {
        try
        {
            return handshake.Wait(limit);
        }
        catch (AggregateException)
        {
            return true;
        }
    }

    private static Exception Innermost(Exception failure)
        => failure.InnerException is { } inner ? Innermost(inner) : failure;

    private sealed class Ends(SslStream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(
            stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
