using System.Net;
using System.Net.Sockets;

namespace Bitcoin.Node.Net;

/// <summary>The networks that addresses belong to, by Bitcoin Core's names.</summary>
internal static class NetworkNames
{
    internal const string Ipv4 = "ipv4";
    internal const string Ipv6 = "ipv6";
    internal const string Onion = "onion";
    internal const string I2p = "i2p";
    internal const string Cjdns = "cjdns";
    internal const string Unroutable = "not_publicly_routable";

    /// <summary>All networks that can be reached from the internet.</summary>
    internal static IReadOnlyList<string> All { get; } = [Ipv4, Ipv6, Onion, I2p, Cjdns];

    /// <summary>The network of an address.</summary>
    internal static string Of(IPAddress address, bool hasCjdns = false)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        byte[] bytes = address.GetAddressBytes();
        return hasCjdns && bytes.Length == 16 && bytes[0] == 0xfc ? Cjdns
            : !IsRoutable(address) ? Unroutable
            : bytes.Length == 4 ? Ipv4
            : Ipv6;
    }

    /// <summary>The network of a host that a user named.</summary>
    internal static string Of(string host, bool hasCjdns = false)
    {
        return IPAddress.TryParse(host, out IPAddress? address) ? Of(address, hasCjdns)
            : host.EndsWith(".onion", StringComparison.OrdinalIgnoreCase) ? Onion
            : host.EndsWith(".b32.i2p", StringComparison.OrdinalIgnoreCase) ? I2p
            : Unroutable;
    }

    /// <summary>Whether an address can be reached from the internet: neither private nor reserved.</summary>
    internal static bool IsRoutable(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return bytes switch
            {
                [0 or 10 or 127, ..] or [255, 255, 255, 255] => false,
                [192, 168, ..] or [169, 254, ..] or [192, 0, 2, _] or [198, 51, 100, _] or [203, 0, 113, _] => false,
                [172, >= 16 and <= 31, ..] or [198, 18 or 19, ..] or [100, >= 64 and <= 127, ..] => false,
                _ => true,
            };
        }

        return !IPAddress.IsLoopback(address)
            && !address.Equals(IPAddress.IPv6Any)
            && !address.IsIPv6LinkLocal
            && (bytes[0] & 0xfe) != 0xfc
            && bytes is not ([0x20, 0x01, 0x0d, 0xb8, ..]
                or [
                    0x20,
                    0x01,
                    0x00,
                    0x10 or 0x11 or 0x12 or 0x13 or 0x14 or 0x15 or 0x16 or 0x17
                        or 0x18 or 0x19 or 0x1a or 0x1b or 0x1c or 0x1d or 0x1e or 0x1f,
                    ..
                ]);
    }

    /// <summary>The part that addresses of one owner probably share: 16 bits of IPv4, 32 bits of IPv6.</summary>
    internal static string Group(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexStringLower(bytes, 0, bytes.Length == 4 ? 2 : 4);
    }
}
