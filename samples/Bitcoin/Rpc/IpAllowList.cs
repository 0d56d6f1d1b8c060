using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;

namespace Bitcoin.Rpc;

/// <summary>The networks from which clients may connect, in addition to this machine.</summary>
public sealed class IpAllowList
{
    private readonly List<(byte[] Network, byte[] Mask)> _networks = [];

    private IpAllowList()
    {
    }

    /// <summary>Only this machine.</summary>
    public static IpAllowList Nobody { get; } = new();

    /// <summary>Whether only this machine is allowed.</summary>
    public bool IsEmpty => _networks.Count == 0;

    /// <summary>Parses values of -rpcallowip: an address, or a network with a prefix length or a mask.</summary>
    /// <exception cref="HostException">A value is invalid.</exception>
    public static IpAllowList From(IReadOnlyList<string> values)
    {
        IpAllowList list = new();
        foreach (string value in values)
        {
            list._networks.Add(TryParse(value) ?? throw new HostException(
                $"Invalid -rpcallowip subnet specification: {value}. Valid values are a single IP (e.g. 1.2.3.4), a "
                    + $"network/netmask (e.g. 1.2.3.4/255.255.255.0), a network/CIDR (e.g. 1.2.3.4/24), "
                + "all ipv4 (0.0.0.0/0), or all ipv6 (::/0). RFC4193 is allowed only if -cjdnsreachable=0."));
        }

        return list;
    }

    /// <summary>Whether a client from this address is allowed.</summary>
    public bool Contains(IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        byte[] bytes = address.GetAddressBytes();
        return IPAddress.IsLoopback(address)
            || _networks.Exists(one => one.Network.Length == bytes.Length && IsIn(bytes, one.Network, one.Mask));
    }

    private static bool IsIn(byte[] address, byte[] network, byte[] mask)
    {
        for (int i = 0; i < address.Length; i++)
        {
            if ((address[i] & mask[i]) != (network[i] & mask[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static (byte[] Network, byte[] Mask)? TryParse(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 2
            || !IPAddress.TryParse(parts[0], out IPAddress? address)
            || (address.AddressFamily == AddressFamily.InterNetwork && parts[0].Count(static c => c == '.') != 3))
        {
            return null;
        }

        byte[] network = address.GetAddressBytes();
        int bits = network.Length * 8;
        if (parts.Length == 1)
        {
            return (network, MaskOf(bits, network.Length));
        }

        return int.TryParse(
            parts[1],
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out int length) ? (length >= 0 && length <= bits ? (network, MaskOf(length, network.Length)) : null)
            : IPAddress.TryParse(parts[1], out IPAddress? mask)
                && mask.AddressFamily == address.AddressFamily
                && IsMask(mask.GetAddressBytes()) ? (network, mask.GetAddressBytes())
            : null;
    }

    private static byte[] MaskOf(int length, int bytes)
    {
        byte[] mask = new byte[bytes];
        for (int i = 0; i < length; i++)
        {
            mask[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        return mask;
    }

    /// <summary>Whether all ones of a mask come before its zeros.</summary>
    private static bool IsMask(byte[] mask)
    {
        int length = mask.Sum(static part => int.PopCount(part));
        return mask.AsSpan().SequenceEqual(MaskOf(length, mask.Length));
    }
}
