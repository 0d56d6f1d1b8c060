using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Multiprocess;

/// <summary>Where a server listens and a client connects, such as <c>unix:calc.sock</c>.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Text</term><description>Meaning</description></listheader>
/// <item>
/// <term><c>unix</c> or <c>unix:</c></term> <description>The host's default socket; <see cref="Resolve"/> returns its
/// path.</description>
/// </item>
/// <item>
/// <term><c>unix:path</c></term> <description> The socket at that path. A relative path starts at the current
/// directory, or at the directory given to <see cref="Resolve"/>.
/// </description>
/// </item>
/// <item>
/// <term><c>auto</c></term> <description>When connecting: the default socket if a server listens on it, otherwise
/// nothing.</description>
/// </item>
/// <item>
/// <term><c>tcp:host:port</c></term> <description>A TCP endpoint, with TLS. An IPv6 address is written in
/// brackets.</description>
/// </item>
/// <item>
/// <term><c>systemd</c> or <c>systemd:name</c></term> <description> When listening: the first socket, or the socket of
/// that name, that a service manager passed to this process (<c>LISTEN_FDS</c>, <c>LISTEN_FDNAMES</c>).
/// </description>
/// </item>
/// <item>
/// <term>empty or <c>0</c></term> <description>No address. This is also the default value.</description>
/// </item>
/// </list>
/// Two addresses are equal when their texts are equal, apart from redundant parts of a path. Resolve both addresses to
/// compare the places they lead to.
/// </remarks>
/// <example><code>IpcAddress address = "unix:/run/app/calc.sock";</code></example>
public readonly struct IpcAddress : IEquatable<IpcAddress>
{
    /// <summary>Why no address may be an abstract socket.</summary>
    internal const string AbstractRefused =
        "Abstract sockets have no owner and no mode, so any user could take the name or connect.";

    /// <summary>
    /// The longest path of a socket, in bytes of UTF-8. The operating system's address structure sets this limit.
    /// </summary>
    public const int MaxPathBytes = 107;

    private const string UnixScheme = "unix";
    private const string TcpScheme = "tcp";
    private const string AutoText = "auto";
    private const string ActivatedScheme = "systemd";

    private IpcAddress(IpcAddressKind kind, string? path = null, string? host = null, int port = 0, string? name = null)
    {
        Name = name;
        Kind = kind;
        Path = path;
        Host = host;
        Port = port;
    }

    /// <summary>No address.</summary>
    public static IpcAddress None => default;

    /// <summary>What the address leads to.</summary>
    public IpcAddressKind Kind { get; }

    /// <summary>
    /// The socket's path as given, possibly relative; null for the default socket and for other kinds.
    /// </summary>
    public string? Path { get; }

    /// <summary>The TCP host, without brackets; null for other kinds.</summary>
    public string? Host { get; }

    /// <summary>The TCP port, 0 to 65535; 0 for other kinds.</summary>
    public int Port { get; }

    /// <summary>
    /// The name of a socket that a service manager passes; null for the first socket, and for other kinds.
    /// </summary>
    public string? Name { get; }

    /// <summary>Creates the address of a socket from its path.</summary>
    /// <exception cref="FormatException">The path is empty, too long, or names an abstract socket.</exception>
    public static IpcAddress Unix(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length == 0
            ? throw new FormatException("The path of a socket is empty.")
            : Parse($"{UnixScheme}:{path}");
    }

    /// <summary>
    /// Creates the address of a TCP endpoint. TCP is always used with TLS; see <see cref="IpcTlsOptions"/>.
    /// </summary>
    /// <param name="host">A name, or a numeric address without brackets.</param>
    /// <param name="port">0 to 65535; listening on 0 lets the system choose.</param>
    /// <exception cref="FormatException">The host is empty or not valid, or the port is out of range.</exception>
    public static IpcAddress Tcp(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        return Parse(host.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{TcpScheme}:[{host}]:{port}")
            : string.Create(CultureInfo.InvariantCulture, $"{TcpScheme}:{host}:{port}"));
    }

    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">
    /// The text is not an address, or the address cannot be used; the message says why.
    /// </exception>
    public static IpcAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? error = Read(text, out IpcAddress address);
        return error is null ? address : throw new FormatException(error);
    }

    /// <summary>Parses an address; returns false when the text is not a valid address.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IpcAddress address)
    {
        address = default;
        return text is not null && Read(text, out address) is null;
    }

    /// <summary>Parses an address; see <see cref="Parse"/>.</summary>
    /// <exception cref="FormatException">The text is not a valid address.</exception>
    public static implicit operator IpcAddress(string text) => Parse(text);

    /// <summary>Compares the kind and all parts.</summary>
    public static bool operator ==(IpcAddress left, IpcAddress right) => left.Equals(right);

    /// <summary>Compares the kind and all parts.</summary>
    public static bool operator !=(IpcAddress left, IpcAddress right) => !left.Equals(right);

    /// <summary>
    /// Returns the canonical form on this host: names the default socket and makes a relative path absolute.
    /// </summary>
    /// <param name="baseDirectory">The directory of the default socket and of relative paths.</param>
    /// <param name="name">The file name of the default socket, without <c>.sock</c>.</param>
    /// <returns>The address with an absolute path. An address without a path is returned unchanged.</returns>
    /// <exception cref="FormatException">
    /// The absolute path is too long. An <c>auto</c> address never throws: no server can listen on such a path, and
    /// connecting reports that.
    /// </exception>
    public IpcAddress Resolve(string baseDirectory, string name)
    {
        ArgumentNullException.ThrowIfNull(baseDirectory);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Kind is not (IpcAddressKind.Unix or IpcAddressKind.Auto))
        {
            return this;
        }

        string path = System.IO.Path.GetFullPath(Path ?? $"{name}.sock", System.IO.Path.GetFullPath(baseDirectory));
        if (Kind == IpcAddressKind.Unix && PathTooLong(path) is { } error)
        {
            throw new FormatException(error);
        }

        return new IpcAddress(Kind, path);
    }

    /// <inheritdoc/>
    public bool Equals(IpcAddress other) =>
        Kind == other.Kind
        && Port == other.Port
        && string.Equals(Path, other.Path, StringComparison.Ordinal)
        && string.Equals(Name, other.Name, StringComparison.Ordinal)
        && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IpcAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Kind, Port, Path, Name, Host is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(Host));

    /// <summary>
    /// The canonical text, with an absolute path; empty for <see cref="None"/>. <see cref="Parse"/> accepts this text.
    /// </summary>
    public override string ToString() => Kind switch
    {
        IpcAddressKind.Unix => Path is null ? UnixScheme : $"{UnixScheme}:{System.IO.Path.GetFullPath(Path)}",
        IpcAddressKind.Auto => AutoText,
        IpcAddressKind.Activated => Name is null ? ActivatedScheme : $"{ActivatedScheme}:{Name}",
        IpcAddressKind.Tcp => Host!.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{TcpScheme}:[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{TcpScheme}:{Host}:{Port}"),
        _ => string.Empty,
    };

    /// <summary>Describes why a socket's path is too long; null when its length is valid.</summary>
    internal static string? PathTooLong(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        return length <= MaxPathBytes
            ? null
            : $"The path '{path}' exceeded maximum socket path length: {length} bytes, at most {MaxPathBytes}.";
    }

    private static string? Read(string text, out IpcAddress address)
    {
        address = default;
        switch (text)
        {
            case "" or "0":
                return null;
            case AutoText:
                address = new IpcAddress(IpcAddressKind.Auto);
                return null;
            case UnixScheme or UnixScheme + ":":
                address = new IpcAddress(IpcAddressKind.Unix);
                return null;
            case ActivatedScheme:
                address = new IpcAddress(IpcAddressKind.Activated);
                return null;
        }

        if (text.StartsWith(UnixScheme + ":", StringComparison.Ordinal))
        {
            return ReadPath(text, text[(UnixScheme.Length + 1)..], out address);
        }

        if (text.StartsWith(ActivatedScheme + ":", StringComparison.Ordinal))
        {
            return ReadName(text, text[(ActivatedScheme.Length + 1)..], out address);
        }

        return text.StartsWith(TcpScheme + ":", StringComparison.Ordinal)
            ? ReadEndpoint(text, text[(TcpScheme.Length + 1)..], out address)
            : Unrecognized(text, "Expected unix, unix:path, tcp:host:port, systemd, systemd:name, auto, or nothing.");
    }

    private static string? ReadPath(string text, string path, out IpcAddress address)
    {
        address = default;
        if (path[0] is '@' or '\0')
        {
            return Unrecognized(text, AbstractRefused);
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return Unrecognized(text, "Expected a path without a NUL character.");
        }

        if (path.EndsWith('/'))
        {
            return Unrecognized(text, "Expected the path of a file, got a directory.");
        }

        if (System.IO.Path.IsPathRooted(path))
        {
            path = System.IO.Path.GetFullPath(path);
        }

        if (PathTooLong(path) is { } error)
        {
            return error;
        }

        address = new IpcAddress(IpcAddressKind.Unix, path);
        return null;
    }

    private static string? ReadName(string text, string name, out IpcAddress address)
    {
        address = default;
        if (name.Length == 0 || name.Any(letter => letter is ':' or < ' ' or > '~'))
        {
            return Unrecognized(
                text, "Expected printable ASCII characters other than a colon in the name of a socket.");
        }

        address = new IpcAddress(IpcAddressKind.Activated, name: name);
        return null;
    }

    private static string? ReadEndpoint(string text, string endpoint, out IpcAddress address)
    {
        address = default;
        int colon = endpoint.LastIndexOf(':');
        if (colon <= 0)
        {
            return Unrecognized(text, "Expected tcp:host:port.");
        }

        string host = endpoint[..colon];
        bool bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (bracketed)
        {
            host = host[1..^1];
        }

        if (host.AsSpan().ContainsAny("[]/\0 ") || bracketed != host.Contains(':', StringComparison.Ordinal))
        {
            return Unrecognized(text, "Expected an IPv6 address in brackets, or a name without brackets.");
        }

        if (!ushort.TryParse(
            endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return Unrecognized(text, "Expected a port from 0 to 65535.");
        }

        address = new IpcAddress(IpcAddressKind.Tcp, host: host, port: port);
        return null;
    }

    private static string Unrecognized(string text, string reason) =>
        $"Unrecognized address '{IpcText.Escape(text)}': {IpcText.Escape(reason)}";
}
