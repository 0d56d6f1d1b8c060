using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bitcoin.Hosting;

/// <summary>A host with or without a port: "1.2.3.4:8333", "[::1]:8333", "::1", "node.example".</summary>
public static class HostPort
{
    /// <summary>Splits a text into host and port.</summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host, without brackets.</param>
    /// <param name="port">The port; null if none is given.</param>
    /// <returns>Whether the port is valid, 1 to 65535, or 0 in the network I2P, or absent.</returns>
    public static bool TrySplit(string text, out string host, out int? port)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.LastIndexOf(':');
        bool isBracketed = colon > 0 && text[0] == '[' && text[colon - 1] == ']';
        bool hasOthers = colon > 0 && text.LastIndexOf(':', colon - 1) >= 0;
        host = text;
        port = null;
        if (colon == 0 || (colon > 0 && (isBracketed || !hasOthers)))
        {
            if (!ushort.TryParse(
                text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort given))
            {
                return false;
            }

            host = text[..colon];
            port = given;
        }

        host = host is ['[', .., ']'] ? host[1..^1] : host;

        // The network I2P has no ports: all its addresses have the port 0.
        return port != 0 || host.EndsWith(".i2p", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Parses an address with a port; names are resolved if <paramref name="looksUp"/> is true.</summary>
    public static bool TryResolve(string text, int defaultPort, bool looksUp, [NotNullWhen(true)] out IPEndPoint? end)
    {
        end = null;
        if (!TrySplit(text, out string host, out int? port) || host.Length == 0)
        {
            return false;
        }

        if (!IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out IPAddress? address))
        {
            address = looksUp ? LookUp(host) : null;
        }

        // Some parsers take "1" and "0x7f.1" for addresses; this one does not.
        bool isWhole = address is not null
            && (address.AddressFamily != AddressFamily.InterNetwork
                || !host.All(static c => char.IsAsciiDigit(c) || c == '.')
                || host.Count(static c => c == '.') == 3);
        end = isWhole ? new IPEndPoint(address!, port ?? defaultPort) : null;
        return isWhole;
    }

    /// <summary>The first address of a name; null for none.</summary>
    public static IPAddress? LookUp(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name).FirstOrDefault();
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return null;
        }
    }
}
