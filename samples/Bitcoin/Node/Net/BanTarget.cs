using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Bitcoin.Node.Net;

/// <summary>A network or an address that is banned.</summary>
/// <param name="Network">An IP network; null for another kind of address.</param>
/// <param name="Text">Its text.</param>
internal sealed record BanTarget(IPNetwork? Network, string Text)
{
    internal static BanTarget Of(IPNetwork network) => new(network, network.ToString());

    /// <summary>
    /// Parses an IP network, an IP address, or an address of Tor or I2P. A mask may be a number of bits or an address;
    /// the bits below it are ignored.
    /// </summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out BanTarget? target)
    {
        target = null;
        string[] parts = text.Split('/');
        if (parts.Length == 1 && !IPAddress.TryParse(text, out _))
        {
            target = NetAddress.TryParse(text, port: 0, hasCjdns: false, out NetAddress? other)
                ? new BanTarget(null, other.Host)
                : null;
            return target is not null;
        }

        if (parts.Length > 2 || !IPAddress.TryParse(parts[0], out IPAddress? address))
        {
            return false;
        }

        byte[] bytes = address.GetAddressBytes();
        int length = bytes.Length * 8;
        if (parts.Length == 2 && !TryLength(parts[1], bytes.Length, out length))
        {
            return false;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff00 >> kept);
        }

        target = Of(new IPNetwork(new IPAddress(bytes), length));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool TryLength(string text, int bytes, out int length)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length))
        {
            return length <= bytes * 8;
        }

        if (!IPAddress.TryParse(text, out IPAddress? mask)
            || mask.GetAddressBytes() is not { } maskBytes
            || maskBytes.Length != bytes)
        {
            return false;
        }

        string bits = string.Concat(maskBytes.Select(static part => Convert.ToString(part, 2).PadLeft(8, '0')));
        length = bits.TakeWhile(static bit => bit == '1').Count();
        return !bits[length..].Contains('1', StringComparison.Ordinal);
    }
}
