using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>A SOCKS5 proxy.</summary>
/// <param name="Text">As it is shown.</param>
/// <param name="End">Where it is.</param>
/// <param name="Randomizes">
/// Whether each connection is asked for under a name of its own, so that Tor keeps them apart.
/// </param>
internal sealed record Proxy(string Text, EndPoint End, bool Randomizes)
{
    private const string UnixPrefix = "unix:";
    private const int DefaultPort = 9050;
    private const int MaxUnixPath = 108;

    /// <summary>Reads an option's value; null for none.</summary>
    /// <exception cref="HostException">It is none.</exception>
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
