using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

/// <summary>
/// An identity in the I2P network, at a router that speaks SAM 3.1: -i2psam. With a key file, the address stays the
/// same.
/// </summary>
/// <remarks>
/// A session lives as long as its control connection. It is created when it is needed first, and again after the router
/// ended it. Thread-safe; one connection is opened at a time.
/// </remarks>
internal sealed class I2pSession : IDisposable
{
    /// <summary>SAM has no ports.</summary>
    internal const int Port = 0;

    private const int MaxLine = 65_536;
    private const int DestinationBase = 387;
    private const int CertificateLengthAt = 385;
    private const string Signature = "SIGNATURE_TYPE=7";

    private readonly Proxy _router;
    private readonly string? _keyFile;
    private readonly DebugLog _log;
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Guarded by the gate.
    private Socket? _control;
    private string _id = "";

    /// <summary>Prepares a session.</summary>
    /// <param name="router">The router's SAM address.</param>
    /// <param name="keyFile">Where the key is kept; null for a key that lives as long as the session.</param>
    /// <param name="log">The log.</param>
    internal I2pSession(Proxy router, string? keyFile, DebugLog log)
    {
        _router = router;
        _keyFile = keyFile;
        _log = log;
    }

    /// <summary>This node's address; null while there is no session.</summary>
    internal NetAddress? Own { get; private set; }

    /// <summary>Connects to a peer.</summary>
    /// <exception cref="IOException">The router or the peer cannot be reached.</exception>
    internal async Task<Socket> Connect(NetAddress peer, CancellationToken cancelled)
    {
        if (peer.Port != Port)
        {
            _log.Write(
                "i2p", $"Error connecting to {peer}, connection refused due to arbitrary port {peer.Port}");
            throw new IOException($"I2P has no port {peer.Port}.");
        }

        await _gate.WaitAsync(cancelled).ConfigureAwait(false);
        Socket? socket = null;
        try
        {
            await Create(cancelled).ConfigureAwait(false);
            socket = await Hello(cancelled).ConfigureAwait(false);
            Dictionary<string, string> named = await Ask(
                socket, $"NAMING LOOKUP NAME={peer.Host}", cancelled).ConfigureAwait(false);
            await Ask(
                socket,
                $"STREAM CONNECT ID={_id} DESTINATION={Value(named, "VALUE")} SILENT=false",
                cancelled).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException)
        {
            socket?.Dispose();
            _log.Write("i2p", $"Error connecting to {peer}: {exception.Message}");
            throw new IOException(exception.Message, exception);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Waits for a peer that connects.</summary>
    /// <exception cref="IOException">The router cannot be reached, or ended the session.</exception>
    internal async Task<(Socket Socket, NetAddress Peer)> Accept(CancellationToken cancelled)
    {
        Socket? socket = null;
        try
        {
            await _gate.WaitAsync(cancelled).ConfigureAwait(false);
            try
            {
                await Create(cancelled).ConfigureAwait(false);
                socket = await Hello(cancelled).ConfigureAwait(false);
                await Ask(socket, $"STREAM ACCEPT ID={_id} SILENT=false", cancelled).ConfigureAwait(false);
            }
            finally
            {
                _gate.Release();
            }

            // Not under the gate: it takes as long as nobody connects.
            string destination = await ReadLine(socket, cancelled).ConfigureAwait(false);
            return (socket, new NetAddress(NetworkNames.I2p, HostOf(Decode(destination.Split(' ')[0])), Port));
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException)
        {
            socket?.Dispose();
            _log.Write("i2p", $"Error accepting: {exception.Message}");
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        // Not the gate: a connection that is being opened still releases it.
        _control?.Dispose();
    }

    private async Task Create(CancellationToken cancelled)
    {
        if (_control is { } open && !(open.Poll(0, SelectMode.SelectRead) && open.Available == 0))
        {
            return;
        }

        End();
        string kind = _keyFile is null ? "transient" : "persistent";
        string id = RandomNumberGenerator.GetHexString(10, lowercase: true);
        _log.Write("i2p", $"Creating {kind} I2P SAM session {id} with {_router.Text}");
        Socket socket = await Hello(cancelled).ConfigureAwait(false);
        try
        {
            byte[] key;
            if (_keyFile is null)
            {
                Dictionary<string, string> made = await Ask(
                    socket,
                    $"SESSION CREATE STYLE=STREAM ID={id} DESTINATION=TRANSIENT {Signature} "
                        + "i2cp.leaseSetEncType=4,0 inbound.quantity=1 outbound.quantity=1",
                    cancelled).ConfigureAwait(false);
                key = Decode(Value(made, "DESTINATION"));
            }
            else
            {
                key = await Key(socket, _keyFile, cancelled).ConfigureAwait(false);
                await Ask(
                    socket,
                    $"SESSION CREATE STYLE=STREAM ID={id} DESTINATION={Encode(key)} "
                        + "i2cp.leaseSetEncType=4,0 inbound.quantity=3 outbound.quantity=3",
                    cancelled).ConfigureAwait(false);
            }

            (_control, _id) = (socket, id);
            Own = new NetAddress(NetworkNames.I2p, HostOf(Destination(key)), Port);
            _log.Write($"{char.ToUpperInvariant(kind[0])}{kind[1..]} I2P SAM session {id} created, my address={Own}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void End()
    {
        if (_control is { } control)
        {
            _log.Write($"Destroying I2P SAM session {_id}");
            control.Dispose();
            (_control, Own) = (null, null);
        }
    }

    private static async Task<byte[]> Key(Socket socket, string path, CancellationToken cancelled)
    {
        if (File.Exists(path))
        {
            return await File.ReadAllBytesAsync(path, cancelled).ConfigureAwait(false);
        }

        Dictionary<string, string> made = await Ask(
            socket, $"DEST GENERATE {Signature}", cancelled).ConfigureAwait(false);
        byte[] key = Decode(Value(made, "PRIV"));
        using FileStream file = PrivateFiles.CreateNew(path);
        await file.WriteAsync(key, cancelled).ConfigureAwait(false);
        return key;
    }

    private async Task<Socket> Hello(CancellationToken cancelled)
    {
        AddressFamily family = _router.End.AddressFamily;
        Socket socket = new(
            family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            try
            {
                await socket.ConnectAsync(_router.End, cancelled).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                throw new IOException($"Cannot connect to {_router.Text}", exception);
            }

            await Ask(socket, "HELLO VERSION MIN=3.1 MAX=3.1", cancelled).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads its reply. Keys are not logged: a request may contain one.</summary>
    /// <exception cref="IOException">The router refuses.</exception>
    private static async Task<Dictionary<string, string>> Ask(
        Socket socket, string request, CancellationToken cancelled)
    {
        byte[] bytes = Encoding.ASCII.GetBytes($"{request}\n");
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancelled).ConfigureAwait(false);
        }

        string line = await ReadLine(socket, cancelled).ConfigureAwait(false);
        Dictionary<string, string> reply = [];
        foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            reply[equals < 0 ? word : word[..equals]] = equals < 0 ? "" : word[(equals + 1)..];
        }

        // A generated key comes without a result.
        if (reply.TryGetValue("RESULT", out string? result) ? result != "OK" : !reply.ContainsKey("PRIV"))
        {
            throw new IOException($"Unexpected reply to \"{request.Split(' ')[0]}\": \"{LineText.Escape(line)}\"");
        }

        return reply;
    }

    // Byte by byte: what follows the line already belongs to the peer.
    private static async Task<string> ReadLine(Socket socket, CancellationToken cancelled)
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (await socket.ReceiveAsync(one, cancelled).ConfigureAwait(false) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.ASCII.GetString([.. line]);
            }

            line.Add(one[0]);
            if (line.Count > MaxLine)
            {
                throw new IOException($"SAM reply: Expected at most {MaxLine} bytes, got more.");
            }
        }

        throw new EndOfStreamException("Connection reset by peer");
    }

    private static string Value(Dictionary<string, string> reply, string name)
        => reply.TryGetValue(name, out string? value)
            ? value
            : throw new IOException($"SAM reply: Expected {name}=, got none.");

    /// <summary>The public part of a private key.</summary>
    private static byte[] Destination(byte[] key)
    {
        if (key.Length < DestinationBase)
        {
            throw new FormatException($"The private key is too short ({key.Length} < {DestinationBase})");
        }

        int length = DestinationBase + (key[CertificateLengthAt] << 8) + key[CertificateLengthAt + 1];
        return length <= key.Length
            ? key[..length]
            : throw new FormatException($"I2P key: Expected {length} bytes of destination, got {key.Length}.");
    }

    private static string HostOf(byte[] destination)
        => Base32.Encode(SHA256.HashData(destination)) + ".b32.i2p";

    private static byte[] Decode(string text)
        => Convert.FromBase64String(
            text.Replace('-', '+').Replace('~', '/').PadRight((text.Length + 3) / 4 * 4, '='));

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '~');
}
