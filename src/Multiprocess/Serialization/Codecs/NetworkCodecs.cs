using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// The bytes of the address: 4 or 16, or 20 for an IPv6 address with a scope, which follows in big-endian order.
/// </summary>
public readonly struct IPAddressCodec : IIpcCodec<IPAddress>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IPAddress value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> bytes = stackalloc byte[20];
        value.TryWriteBytes(bytes, out int length);
        if (value.AddressFamily == AddressFamily.InterNetworkV6 && value.ScopeId != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], (uint)value.ScopeId);
            length = 20;
        }

        writer.WriteBinary(bytes[..length]);
    }

    /// <inheritdoc/>
    public static IPAddress Read(ref MessagePackReader reader, IpcReadContext context)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        if (bytes.Length is not (4 or 16 or 20))
        {
            MessagePackErrors.ThrowMalformed(nameof(IPAddress), $"{bytes.Length} bytes instead of 4, 16 or 20");
        }

        return bytes.Length == 20
            ? new IPAddress(bytes[..16], BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]))
            : new IPAddress(bytes);
    }
}

/// <summary>[address, port].</summary>
public readonly struct IPEndPointCodec : IIpcCodec<IPEndPoint>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IPEndPoint value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteArrayHeader(2);
        IPAddressCodec.Write(ref writer, value.Address, context);
        writer.Write(value.Port);
    }

    /// <inheritdoc/>
    public static IPEndPoint Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(IPEndPoint), 2);
        IPAddress address = IPAddressCodec.Read(ref reader, context);
        return new IPEndPoint(address, reader.ReadStrictUInt16());
    }
}

/// <summary>[first address, length of the prefix in bits].</summary>
public readonly struct IPNetworkCodec : IIpcCodec<IPNetwork>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IPNetwork value, IpcWriteContext context)
    {
        writer.WriteArrayHeader(2);
        IPAddressCodec.Write(ref writer, value.BaseAddress, context);
        writer.Write(value.PrefixLength);
    }

    /// <inheritdoc/>
    public static IPNetwork Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(IPNetwork), 2);
        IPAddress address = IPAddressCodec.Read(ref reader, context);
        int length = reader.ReadStrictByte();
        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (length > bits)
        {
            MessagePackErrors.ThrowMalformed(
                nameof(IPNetwork), $"a prefix of {length} bits instead of at most {bits}");
        }

        var network = new IPNetwork(address, length);
        if (!network.BaseAddress.Equals(address))
        {
            MessagePackErrors.ThrowMalformed(
                nameof(IPNetwork), $"{address} instead of {network.BaseAddress}, the first address of /{length}");
        }

        return network;
    }
}
