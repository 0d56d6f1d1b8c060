using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Bitcoin.Node.Net.Transport;

/// <summary>Encrypts or decrypts the packets of one direction (BIP324). The key changes regularly.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class PacketCipher : IDisposable
{
    /// <summary>How many packets have the same key.</summary>
    internal const int KeyLife = 224;

    /// <summary>How much longer an encrypted packet is, in bytes.</summary>
    internal const int TagBytes = 16;

    private const int KeyBytes = 32;
    private const int NonceBytes = 12;

    private ChaCha20Poly1305 _cipher;
    private ulong _count;

    /// <summary>Begins with a key.</summary>
    /// <param name="key">The key, 32 bytes.</param>
    internal PacketCipher(ReadOnlySpan<byte> key) => _cipher = new ChaCha20Poly1305(key);

    /// <summary>Encrypts a packet.</summary>
    /// <param name="plain">The packet.</param>
    /// <param name="authenticated">What is authenticated with it, but not part of it.</param>
    /// <param name="encrypted">Receives the result, <see cref="TagBytes"/> bytes longer than the packet.</param>
    internal void Encrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> authenticated, Span<byte> encrypted)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, (uint)(_count % KeyLife));
        _cipher.Encrypt(nonce, plain, encrypted[..plain.Length], encrypted[plain.Length..], authenticated);
        Advance();
    }

    /// <summary>Decrypts a packet.</summary>
    /// <returns>Whether it is authentic.</returns>
    internal bool TryDecrypt(ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> authenticated, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, (uint)(_count % KeyLife));
        try
        {
            _cipher.Decrypt(nonce, encrypted[..plain.Length], encrypted[plain.Length..], plain, authenticated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        Advance();
        return true;
    }

    public void Dispose() => _cipher.Dispose();

    private void Advance()
    {
        if ((_count + 1) % KeyLife == 0)
        {
            // The next key is what a packet of zeros becomes, with a number that no packet has.
            Span<byte> nonce = stackalloc byte[NonceBytes];
            WriteNonce(nonce, uint.MaxValue);
            Span<byte> zeros = stackalloc byte[KeyBytes];
            zeros.Clear();
            Span<byte> key = stackalloc byte[KeyBytes];
            Span<byte> tag = stackalloc byte[TagBytes];
            _cipher.Encrypt(nonce, zeros, key, tag);
            _cipher.Dispose();
            _cipher = new ChaCha20Poly1305(key);
            CryptographicOperations.ZeroMemory(key);
        }

        _count++;
    }

    private void WriteNonce(Span<byte> nonce, uint packet)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, packet);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _count / KeyLife);
    }
}
