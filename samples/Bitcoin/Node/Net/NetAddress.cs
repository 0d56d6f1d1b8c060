using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

/// <summary>The address of a node in any network; BIP155 on the wire.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Host">The address as text.</param>
/// <param name="Port">The port; 0 if there is none.</param>
internal sealed record NetAddress(string Network, string Host, int Port)
{
    private const string OnionSuffix = ".onion";
    private const string I2pSuffix = ".b32.i2p";
    private const byte OnionVersion = 3;
    private const int MaxBytes = 512;

    private const byte Ipv4Id = 1;
    private const byte Ipv6Id = 2;
    private const byte OnionId = 4;
    private const byte I2pId = 5;
    private const byte CjdnsId = 6;

    /// <summary>Whether the first version of the messages can contain it.</summary>
    internal bool IsOfFirstVersion => Network is NetworkNames.Ipv4 or NetworkNames.Ipv6 or NetworkNames.Unroutable;

    /// <summary>The IP address; null for other networks.</summary>
    internal IPAddress? Ip => IPAddress.TryParse(Host, out IPAddress? address) ? address : null;

    /// <summary>The bytes of the IPv4 address inside an IPv6 address; null for none.</summary>
    internal byte[]? Linked => Network == NetworkNames.Ipv6 ? Embedded(Bytes()) : null;

    /// <summary>The network group: the part that addresses of one owner probably share.</summary>
    internal byte[] Group => GroupOf(this);

    /// <summary>The bytes of the address, with IPv4 mapped to IPv6, and the port.</summary>
    internal byte[] Key
    {
        get
        {
            byte[] port = new byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)Port);
            return [.. IsOfFirstVersion ? Ip!.MapToIPv6().GetAddressBytes() : Bytes(), .. port];
        }
    }

    internal static NetAddress From(IPEndPoint end, bool hasCjdns = false) => From(end.Address, end.Port, hasCjdns);

    internal static NetAddress From(IPAddress address, int port, bool hasCjdns = false)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return new NetAddress(NetworkNames.Of(address, hasCjdns), address.ToString(), port);
    }

    /// <summary>Parses an address of any network; names are not resolved.</summary>
    internal static bool TryParse(string host, int port, bool hasCjdns, [NotNullWhen(true)] out NetAddress? address)
    {
        address = null;
        if (IPAddress.TryParse(host, out IPAddress? ip))
        {
            address = From(ip, port, hasCjdns);
        }
        else if (host.EndsWith(OnionSuffix, StringComparison.OrdinalIgnoreCase))
        {
            // 56 letters: the key, its checksum, the version.
            byte[]? bytes = Base32.Decode(host[..^OnionSuffix.Length]);
            address = bytes is { Length: 35 }
                && bytes[34] == OnionVersion
                && SHA3_256.IsSupported
                && Onion(bytes[..32]) == host.ToLowerInvariant()
                ? new NetAddress(NetworkNames.Onion, host.ToLowerInvariant(), port)
                : null;
        }
        else if (host.EndsWith(I2pSuffix, StringComparison.OrdinalIgnoreCase))
        {
            byte[]? bytes = Base32.Decode(host[..^I2pSuffix.Length]);
            address = bytes is { Length: 32 } ? new NetAddress(NetworkNames.I2p, host.ToLowerInvariant(), port) : null;
        }

        return address is not null;
    }

    /// <summary>Reads the network and the bytes; null for an unknown network.</summary>
    /// <exception cref="FormatException">The bytes are not an address of that network.</exception>
    internal static NetAddress? Read(ref WireReader reader, bool hasPort)
    {
        byte id = reader.Byte();
        ulong length = reader.Count();
        if (length > MaxBytes)
        {
            throw new FormatException($"Address too long: {length} > {MaxBytes}");
        }

        int expected = id switch
        {
            Ipv4Id => 4,
            Ipv6Id or CjdnsId => 16,
            OnionId or I2pId => 32,
            _ => (int)length,
        };
        if ((int)length != expected)
        {
            throw new FormatException($"BIP155 {Title(id)} address with length {length} (should be {expected})");
        }

        byte[] bytes = reader.Take((int)length).ToArray();
        int port = hasPort ? reader.UInt16BigEndian() : 0;
        return id switch
        {
            Ipv4Id => From(new IPAddress(bytes), port),

            // An address of another network must be sent as that network.
            Ipv6Id => new IPAddress(bytes) is { IsIPv4MappedToIPv6: false } ip ? From(ip, port) : null,
            OnionId when SHA3_256.IsSupported => new NetAddress(NetworkNames.Onion, Onion(bytes), port),
            I2pId => new NetAddress(NetworkNames.I2p, Base32.Encode(bytes) + I2pSuffix, port),
            CjdnsId when bytes[0] == 0xfc => new NetAddress(NetworkNames.Cjdns, new IPAddress(bytes).ToString(), port),
            _ => null,
        };
    }

    /// <summary>Writes the network and the bytes.</summary>
    internal void Write(WireWriter writer, bool hasPort)
    {
        byte[] bytes = Bytes();
        byte id = Network switch
        {
            NetworkNames.Onion => OnionId,
            NetworkNames.I2p => I2pId,
            NetworkNames.Cjdns => CjdnsId,
            _ => bytes.Length == 4 ? Ipv4Id : Ipv6Id,
        };
        writer.Byte(id).Count(bytes.Length).Bytes(bytes);
        if (hasPort)
        {
            writer.UInt16BigEndian((ushort)Port);
        }
    }

    /// <inheritdoc/>
    public override string ToString()
        => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static byte[] GroupOf(NetAddress address)
    {
        byte[] bytes = address.Bytes();
        (byte network, int bits) = address.Network switch
        {
            NetworkNames.Onion => ((byte)3, 4),
            NetworkNames.I2p => ((byte)4, 4),
            NetworkNames.Cjdns => ((byte)5, 12),
            NetworkNames.Ipv4 => ((byte)1, 16),
            NetworkNames.Ipv6 => ((byte)2, bytes is [0x20, 0x01, 0x04, 0x70, ..] ? 36 : 32),
            _ => ((byte)0, 0),
        };
        if (address.Network == NetworkNames.Ipv6 && Embedded(bytes) is { } embedded)
        {
            return [1, embedded[0], embedded[1]];
        }

        byte[] group = [network, .. bytes[..(bits / 8)]];
        return bits % 8 == 0 ? group : [.. group, (byte)(bytes[bits / 8] | ((1 << (8 - (bits % 8))) - 1))];
    }

    /// <summary>The IPv4 address inside an IPv6 address, in each of the known mappings.</summary>
    private static byte[]? Embedded(byte[] bytes) => bytes switch
    {
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ..] => bytes[12..16],
        [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, ..] => bytes[12..16],
        [0x20, 0x02, ..] => bytes[2..6],
        [0x20, 0x01, 0, 0, ..] => [.. bytes[12..16].Select(static part => (byte)~part)],
        _ => null,
    };

    private byte[] Bytes() => Network switch
    {
        NetworkNames.Onion => Base32.Decode(Host[..^OnionSuffix.Length])![..32],
        NetworkNames.I2p => Base32.Decode(Host[..^I2pSuffix.Length])!,
        _ => Ip!.GetAddressBytes(),
    };

    private static string Onion(byte[] key)
    {
        byte[] checksum = SHA3_256.HashData([.. Encoding.ASCII.GetBytes(".onion checksum"), .. key, OnionVersion]);
        return Base32.Encode([.. key, checksum[0], checksum[1], OnionVersion]) + OnionSuffix;
    }

    private static string Title(byte id) => id switch
    {
        Ipv4Id => "IPv4",
        Ipv6Id => "IPv6",
        OnionId => "TORv3",
        I2pId => "I2P",
        _ => "CJDNS",
    };
}
