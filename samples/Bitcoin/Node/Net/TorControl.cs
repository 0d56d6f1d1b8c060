using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>
/// Asks Tor for an address of this node, as long as the node runs: -listenonion, -torcontrol, -torpassword.
/// </summary>
/// <remarks>
/// The thread connects to Tor's control port, proves that it may, and asks for the address, which Tor keeps while the
/// connection is open. If Tor ends or is not there, the thread tries again, less and less often.
/// </remarks>
internal sealed class TorControl : IDisposable
{
    private const string KeyFile = "onion_v3_private_key";
    private const string NewKey = "NEW:ED25519-V3";
    private const int CookieBytes = 32;
    private const int NonceBytes = 32;
    private const int DefaultPort = 9051;
    private const int DefaultSocksPort = 9050;
    private const string SocksKey = "net/listeners/socks=";

    private static readonly byte[] s_serverKey =
        Encoding.ASCII.GetBytes("Tor safe cookie authentication server-to-controller hash");
    private static readonly byte[] s_clientKey =
        Encoding.ASCII.GetBytes("Tor safe cookie authentication controller-to-server hash");
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_sendPatience = TimeSpan.FromSeconds(10);

    private readonly NetReach _reach;
    private readonly Action<NetAddress> _found;
    private readonly IPEndPoint _target;
    private readonly int _port;
    private readonly string _center;
    private readonly string _password;
    private readonly bool _findsProxy;
    private readonly bool _looksUp;
    private readonly string _keyPath;
    private readonly DebugLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    /// <summary>Prepares the thread.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="reach">Where the proxy for Tor is set, once Tor has told its own.</param>
    /// <param name="target">Where this node listens for Tor.</param>
    /// <param name="port">
    /// The port that others see: always the network's own, because another one would tell who this node is.
    /// </param>
    /// <param name="found">Takes the address.</param>
    /// <param name="log">The log.</param>
    internal TorControl(
        Settings settings, NetReach reach, IPEndPoint target, int port, Action<NetAddress> found, DebugLog log)
    {
        _reach = reach;
        _target = target;
        _port = port;
        _found = found;
        _log = log;
        _center = settings.Last("torcontrol") is { Length: > 0 } given ? given : $"127.0.0.1:{DefaultPort}";
        _password = settings.Last("torpassword") ?? "";
        _findsProxy = string.IsNullOrEmpty(settings.Last("onion"));
        _looksUp = settings.IsOn("dns", byDefault: true);
        _keyPath = Path.Combine(settings.Directory, KeyFile);
        _thread = new Thread(Run) { IsBackground = true, Name = "b-torcontrol" };
    }

    internal void Start() => _thread.Start();

    public void Dispose()
    {
        _stop.Cancel();
        if (_thread.IsAlive)
        {
            _thread.Join(s_sendPatience);
        }
    }

    private void Run()
    {
        _log.Write("tor", "Entering Tor control thread");
        TimeSpan pause = s_firstPause;
        while (!_stop.IsCancellationRequested)
        {
            _log.Write("tor", $"Attempting to connect to Tor control port {_center}");
            if (Connect() is { } socket)
            {
                pause = s_firstPause;
                Serve(socket);
            }
            else
            {
                _log.Warn($"tor: Initiating connection to Tor control port {_center} failed");
            }

            _log.Write("tor", $"Retrying in {pause.TotalSeconds:F1} seconds");
            _stop.Token.WaitHandle.WaitOne(pause);
            pause = pause * 1.5 < s_longestPause ? pause * 1.5 : s_longestPause;
        }

        _log.Write("tor", "Exited Tor control thread");
    }

    private Socket? Connect()
    {
        if (!HostPort.TryResolve(_center, DefaultPort, _looksUp, out IPEndPoint? end))
        {
            _log.Warn($"tor: Failed to look up control center {_center}");
            return null;
        }

        Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.ConnectAsync(end, _stop.Token).AsTask().GetAwaiter().GetResult();
            socket.SendTimeout = (int)s_sendPatience.TotalMilliseconds;
            _log.Write("tor", "Successfully connected to Tor control port");
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Asks for the address, and keeps the connection until one side ends it.</summary>
    private void Serve(Socket socket)
    {
        // Closing the socket ends a read that waits.
        using CancellationTokenRegistration stopping = _stop.Token.UnsafeRegister(
            static socket => ((Socket)socket!).Dispose(), socket);
        try
        {
            using Connection stream = new(socket);
            if (Authenticate(stream))
            {
                if (_findsProxy)
                {
                    FindProxy(stream.Ask("GETINFO net/listeners/socks"));
                }

                AskForAddress(stream);
            }

            while (true)
            {
                TorReply reply = stream.Read();
                _log.Write("tor", $"Received unexpected sync reply {reply.Code}");
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or FormatException)
        {
            if (!_stop.IsCancellationRequested)
            {
                _log.Write("tor", $"Lost connection to Tor control port: {exception.Message}");
            }
        }
        finally
        {
            socket.Dispose();
        }
    }

    private bool Authenticate(Connection stream)
    {
        TorReply info = stream.Ask("PROTOCOLINFO 1");
        if (!info.IsOk)
        {
            _log.Warn("tor: Requesting protocol info failed");
            return false;
        }

        Dictionary<string, string> values = [];
        foreach (string line in info.Lines)
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && line[..space] == "AUTH")
            {
                values = TorReply.Values(line[(space + 1)..]);
            }
        }

        string[] methods = values.GetValueOrDefault("METHODS", "").Split(',');
        string? proof = _password.Length > 0 ? Password(methods)
            : methods.Contains("NULL") ? ""
            : methods.Contains("SAFECOOKIE") ? Cookie(stream, values.GetValueOrDefault("COOKIEFILE", ""))
            : null;
        if (proof is null)
        {
            _log.Warn(
                methods.Contains("HASHEDPASSWORD") && _password.Length == 0
                    ? "tor: The only supported authentication mechanism left is password, but no password provided "
                        + "with -torpassword"
                    : "tor: No supported authentication method");
            return false;
        }

        if (!stream.Ask(proof.Length == 0 ? "AUTHENTICATE" : $"AUTHENTICATE {proof}").IsOk)
        {
            _log.Warn("tor: Authentication failed");
            return false;
        }

        _log.Write("tor", "Authentication successful");
        return true;
    }

    private string? Password(string[] methods)
    {
        if (!methods.Contains("HASHEDPASSWORD"))
        {
            _log.Warn("tor: Password provided with -torpassword, but HASHEDPASSWORD authentication is not available");
            return null;
        }

        return $"\"{_password.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    // Both sides prove that they can read the file, without telling what is in it.
    private string? Cookie(Connection stream, string path)
    {
        byte[] cookie;
        try
        {
            // Bounded: the path is what somebody at the port says.
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[CookieBytes + 1];
            int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            cookie = bytes[..count];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _log.Warn($"tor: Authentication cookie {LineText.Escape(path)} could not be opened (check permissions)");
            return null;
        }

        if (cookie.Length != CookieBytes)
        {
            _log.Warn($"tor: Authentication cookie {LineText.Escape(path)} is not exactly {CookieBytes} bytes");
            return null;
        }

        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        TorReply reply = stream.Ask($"AUTHCHALLENGE SAFECOOKIE {Convert.ToHexStringLower(nonce)}");
        const string Word = "AUTHCHALLENGE ";
        if (!reply.IsOk || !reply.Lines[0].StartsWith(Word, StringComparison.Ordinal))
        {
            _log.Warn("tor: SAFECOOKIE authentication challenge failed");
            return null;
        }

        Dictionary<string, string> values = TorReply.Values(reply.Lines[0][Word.Length..]);
        if (Bytes("SERVERHASH") is not { } hash || Bytes("SERVERNONCE") is not { Length: NonceBytes } theirs)
        {
            _log.Warn("tor: ServerNonce is not 32 bytes, as required by spec");
            return null;
        }

        byte[] text = [.. cookie, .. nonce, .. theirs];
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(s_serverKey, text), hash))
        {
            _log.Warn("tor: ServerHash does not match expected ServerHash");
            return null;
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(s_clientKey, text));

        byte[]? Bytes(string name)
        {
            try
            {
                return Convert.FromHexString(values.GetValueOrDefault(name, ""));
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }

    /// <summary>Connects to peers of Tor through the proxy that Tor says it has.</summary>
    private void FindProxy(TorReply reply)
    {
        string place = "";
        foreach (string line in reply.IsOk ? reply.Lines : [])
        {
            foreach (string one in line.StartsWith(SocksKey, StringComparison.Ordinal)
                ? line[SocksKey.Length..].Split(' ')
                : [])
            {
                string plain = one.Trim('"', '\'');
                if (plain.Length > 0 && !place.StartsWith("127.0.0.1:", StringComparison.Ordinal))
                {
                    place = plain;
                }
            }
        }

        if (place.Length == 0)
        {
            _log.Warn("tor: Get SOCKS port command returned nothing");
        }

        IPEndPoint proxy = HostPort.TryResolve(place, DefaultSocksPort, looksUp: false, out IPEndPoint? end)
            ? end
            : new IPEndPoint(IPAddress.Loopback, DefaultSocksPort);
        _log.Write("tor", $"Configuring onion proxy for {proxy}");
        _reach.UseTor(proxy);
    }

    private void AskForAddress(Connection stream)
    {
        string key = File.Exists(_keyPath) ? File.ReadAllText(_keyPath) : NewKey;
        TorReply reply = stream.Ask(Command(key, withWork: true));
        if (reply.Code == TorReply.WrongSyntax)
        {
            _log.Write("tor", "ADD_ONION failed with PoW defenses, retrying without");
            reply = stream.Ask(Command(key, withWork: false));
        }

        if (!reply.IsOk)
        {
            _log.Warn(
                reply.Code == TorReply.Unrecognized
                    ? "tor: Add onion failed with unrecognized command (You probably need to upgrade Tor)"
                    : $"tor: Add onion failed; error code {reply.Code}");
            return;
        }

        string? service = null;
        foreach (Dictionary<string, string> values in reply.Lines.Select(TorReply.Values))
        {
            service = values.GetValueOrDefault("ServiceID", service ?? "");
            key = values.GetValueOrDefault("PrivateKey", key);
        }

        if (string.IsNullOrEmpty(service))
        {
            _log.Warn("tor: Error parsing ADD_ONION parameters");
            return;
        }

        string name = LineText.Escape(service);
        _log.Write($"Got tor service ID {name}, advertising service {name}.onion:{_port}");
        Save(key);
        if (NetAddress.TryParse($"{service}.onion", _port, hasCjdns: false, out NetAddress? address))
        {
            _found(address);
        }
    }

    private string Command(string key, bool withWork)
        => $"ADD_ONION {key}{(withWork ? " PoWDefensesEnabled=1" : "")} Port={_port},{_target}";

    private void Save(string key)
    {
        try
        {
            using FileStream file = PrivateFiles.Create(_keyPath);
            file.Write(Encoding.UTF8.GetBytes(key));
            _log.Write("tor", $"Cached service private key to {_keyPath}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _log.Warn($"tor: Error writing service private key to {_keyPath}: {exception.Message}");
        }
    }
    // Buffered in one direction only: a buffer for both cannot change from reading to writing.
    private sealed class Connection(Socket socket) : IDisposable
    {
        private readonly NetworkStream _output = new(socket, ownsSocket: false);
        private readonly BufferedStream _input = new(new NetworkStream(socket, ownsSocket: false));

        internal TorReply Ask(string command)
        {
            _output.Write(Encoding.UTF8.GetBytes($"{command}\r\n"));
            return Read();
        }

        internal TorReply Read() => TorReply.Read(_input);

        public void Dispose()
        {
            _input.Dispose();
            _output.Dispose();
        }
    }
}
