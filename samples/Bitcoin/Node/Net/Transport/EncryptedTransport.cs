using System.Buffers.Binary;
using System.Security.Cryptography;
using NBitcoin.Secp256k1;

namespace Bitcoin.Node.Net.Transport;

/// <summary>Messages in encrypted packets (BIP324).</summary>
/// <remarks>
/// Each side sends its public key and garbage of any length, then the end of the garbage and an empty packet, which
/// authenticates the garbage. Nothing of that looks like anything. Messages follow. Somebody between the two can only
/// be noticed by comparing <see cref="SessionId"/>.
/// </remarks>
internal sealed class EncryptedTransport : IPeerTransport
{
    /// <summary>How many bytes a packet has beside its contents.</summary>
    internal const int OverheadBytes = LengthBytes + FlagBytes + PacketCipher.TagBytes;

    private const int MaxGarbage = 4095;
    private const int LengthBytes = 3;
    private const int FlagBytes = 1;
    private const int MaxContents = ShortNames.MaxBytes + Frame.MaxPayloadBytes;
    private const byte IgnoreFlag = 0x80;

    private readonly PeerStream _stream;
    private readonly Action<string> _log;
    private readonly SessionKeys _keys;

    private EncryptedTransport(PeerStream stream, SessionKeys keys, Action<string> log)
    {
        _stream = stream;
        _keys = keys;
        _log = log;
        SessionId = keys.Id;
    }

    /// <summary>The same on both sides, unless somebody is between them.</summary>
    internal byte[] SessionId { get; }

    /// <summary>Agrees on keys with the peer.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="begun">The first bytes of the peer's public key, if they were read already.</param>
    /// <param name="isInitiator">Whether this node made the connection.</param>
    /// <param name="magic">The network's magic bytes.</param>
    /// <param name="log">Takes what went wrong.</param>
    /// <param name="canSend">Called once messages may be sent. The peer is not confirmed yet.</param>
    /// <returns>The transport; null if the connection ended or the peer did not follow the protocol.</returns>
    internal static async Task<EncryptedTransport?> Agree(
        PeerStream stream,
        ReadOnlyMemory<byte> begun,
        bool isInitiator,
        ReadOnlyMemory<byte> magic,
        Action<string> log,
        Action<EncryptedTransport> canSend)
    {
        using ECPrivKey key = NewKey();
        byte[] encoded = ElligatorSwift.Encode(key.CreatePubKey().ToBytes(compressed: true).AsSpan(1));
        byte[] garbage = RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(MaxGarbage + 1));
        await stream.Write((byte[])[.. encoded, .. garbage]).ConfigureAwait(false);

        byte[] theirs = new byte[ElligatorSwift.Bytes];
        begun.CopyTo(theirs);
        if (!await stream.Fill(theirs.AsMemory(begun.Length, PlainTransport.PrefixBytes - begun.Length))
            .ConfigureAwait(false))
        {
            return null;
        }

        // A plain message for another network.
        if (!isInitiator
            && theirs.AsSpan(4, PlainTransport.PrefixBytes - 4).SequenceEqual(PlainTransport.Prefix(magic.Span)[4..]))
        {
            log(
                "V2 transport error: V1 peer with wrong MessageStart "
                    + Convert.ToHexStringLower(theirs.AsSpan(0, 4)));
            return null;
        }

        if (!await stream.Fill(theirs.AsMemory(PlainTransport.PrefixBytes)).ConfigureAwait(false))
        {
            return null;
        }

        EncryptedTransport transport = new(
            stream, SessionKeys.Derive(key, encoded, theirs, isInitiator, magic.Span), log);
        await stream.Write((byte[])[.. transport._keys.Terminator, .. transport.Encrypt([], garbage)])
            .ConfigureAwait(false);
        canSend(transport);

        // The first packet shows that the peer has the same keys. Its contents say nothing yet.
        if (await transport.ReadGarbage().ConfigureAwait(false) is { } theirGarbage
            && await transport.ReadPacket(theirGarbage).ConfigureAwait(false) is not null)
        {
            return transport;
        }

        transport.Dispose();
        return null;
    }

    public byte[] Write(string name, byte[] payload) => Encrypt(ShortNames.Write(name, payload), []);

    public async Task<ReceivedMessage?> Read()
    {
        if (await ReadPacket([]).ConfigureAwait(false) is not { } contents)
        {
            return null;
        }

        int bytes = contents.Length + OverheadBytes;
        if (ShortNames.Read(contents, out int length) is { } name)
        {
            return new ReceivedMessage(name, contents[length..], bytes);
        }

        _log($"V2 transport error: invalid message type ({contents.Length} bytes contents)");
        return new ReceivedMessage("", null, bytes);
    }

    public void Dispose() => _keys.Dispose();

    private static ECPrivKey NewKey()
    {
        while (true)
        {
            if (ECPrivKey.TryCreate(RandomNumberGenerator.GetBytes(ElligatorSwift.NumberBytes), out ECPrivKey? key))
            {
                return key;
            }
        }
    }

    private byte[] Encrypt(ReadOnlySpan<byte> contents, ReadOnlySpan<byte> authenticated)
    {
        byte[] packet = new byte[contents.Length + OverheadBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(packet, (ushort)contents.Length);
        packet[2] = (byte)(contents.Length >> 16);
        _keys.Lengths.Apply(packet.AsSpan(0, LengthBytes));
        byte[] plain = [0, .. contents];
        _keys.Packets.Encrypt(plain, authenticated, packet.AsSpan(LengthBytes));
        return packet;
    }

    /// <summary>Reads what the peer sent before its first packet.</summary>
    private async Task<byte[]?> ReadGarbage()
    {
        byte[] seen = new byte[MaxGarbage + SessionKeys.TerminatorBytes];
        int count = SessionKeys.TerminatorBytes;
        bool isThere = await _stream.Fill(seen.AsMemory(0, count)).ConfigureAwait(false);
        while (isThere)
        {
            int garbage = count - SessionKeys.TerminatorBytes;
            if (seen.AsSpan(garbage, SessionKeys.TerminatorBytes).SequenceEqual(_keys.TheirTerminator))
            {
                return seen[..garbage];
            }

            if (count == seen.Length)
            {
                _log("V2 transport error: missing garbage terminator");
                return null;
            }

            isThere = await _stream.Fill(seen.AsMemory(count++, 1)).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Reads the next packet that is not to be ignored.</summary>
    /// <param name="authenticated">What the next packet authenticates, ignored or not.</param>
    private async Task<byte[]?> ReadPacket(byte[] authenticated)
    {
        byte[] prefix = new byte[LengthBytes];
        while (await _stream.Fill(prefix).ConfigureAwait(false))
        {
            _keys.TheirLengths.Apply(prefix);
            int length = prefix[0] | (prefix[1] << 8) | (prefix[2] << 16);
            if (length > MaxContents)
            {
                _log($"V2 transport error: packet too large ({length} bytes)");
                return null;
            }

            byte[] encrypted = new byte[FlagBytes + length + PacketCipher.TagBytes];
            if (!await _stream.Fill(encrypted).ConfigureAwait(false))
            {
                return null;
            }

            byte[] plain = new byte[FlagBytes + length];
            if (!_keys.TheirPackets.TryDecrypt(encrypted, authenticated, plain))
            {
                _log($"V2 transport error: packet decryption failure ({length} bytes)");
                return null;
            }

            if ((plain[0] & IgnoreFlag) == 0)
            {
                return plain[FlagBytes..];
            }

            authenticated = [];
        }

        return null;
    }
}
