using System.Buffers.Binary;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Net.Transport;

/// <summary>Encrypts or decrypts the lengths of packets in one direction (BIP324). The key changes regularly.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class LengthCipher
{
    private readonly byte[] _key;
    private readonly byte[] _block = new byte[ChaCha20.BlockBytes];
    private int _used = ChaCha20.BlockBytes;
    private uint _nextBlock;
    private ulong _count;

    /// <summary>Begins with a key.</summary>
    /// <param name="key">The key, 32 bytes. It is copied.</param>
    internal LengthCipher(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>Encrypts or decrypts the next length, in place.</summary>
    internal void Apply(Span<byte> length)
    {
        Span<byte> stream = stackalloc byte[length.Length];
        Take(stream);
        for (int i = 0; i < length.Length; i++)
        {
            length[i] ^= stream[i];
        }

        if ((_count + 1) % PacketCipher.KeyLife == 0)
        {
            // The next key stands in the stream behind what was used.
            Span<byte> next = stackalloc byte[ChaCha20.KeyBytes];
            Take(next);
            next.CopyTo(_key);
            _nextBlock = 0;
            _used = _block.Length;
        }

        _count++;
    }

    private void Take(Span<byte> stream)
    {
        Span<byte> nonce = stackalloc byte[ChaCha20.NonceBytes];
        for (int i = 0; i < stream.Length; i++)
        {
            if (_used == _block.Length)
            {
                nonce.Clear();
                BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _count / PacketCipher.KeyLife);
                ChaCha20.Block(_key, nonce, _nextBlock++, _block);
                _used = 0;
            }

            stream[i] = _block[_used++];
        }
    }
}
