using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>A SOCKS5 proxy.</summary>
/// <param name="Text">Its text, for display.</param>
/// <param name="End">Its address.</param>
/// <param name="Randomizes">
/// Whether each connection uses its own user name, so that Tor isolates the connections.
/// </param>
internal sealed record Proxy(string Text, EndPoint End, bool Randomizes)
{
    private const string UnixPrefix = "unix:";
    private const int DefaultPort = 9050;
    private const int MaxUnixPath = 108;

    /// <summary>Parses an option's value; null for no proxy.</summary>
    /// <exception cref="HostException">It is invalid.</exception>
    internal static Proxy? Parse(string text, string option, bool randomizes, bool looksUp)
    {
        if (text is "" or "0")
        {
            return null;
        }

        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            string path = text[UnixPrefix.Length..];
            return path.Length is > 0 and < MaxUnixPath
                ? new Proxy(text, new UnixDomainSocketEndPoint(path), randomizes)
                : throw Wrong(option, text);
        }

        if (!HostPort.TrySplit(text, out _, out _))
        {
            throw new HostException($"Invalid port specified in -{option}: '{text}'");
        }

        return HostPort.TryResolve(text, DefaultPort, looksUp, out IPEndPoint? end)
            ? new Proxy(end.ToString(), end, randomizes)
            : throw Wrong(option, text);
    }

    private static HostException Wrong(string option, string text)
        => new($"Invalid -{option} address or hostname: '{text}'");
}
