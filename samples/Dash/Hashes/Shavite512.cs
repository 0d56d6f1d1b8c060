using System.Buffers.Binary;

namespace Dash.Hashes;

/// <summary>SHAvite-3-512, in the form of the SHA-3 competition's second round, without a salt.</summary>
internal static class Shavite512
{
    private const int BlockBytes = 128;
    private const int Rounds = 14;
    private const int RoundWords = 32;
    private const int KeyWords = Rounds * RoundWords;

    /// <summary>A digest's length and the counter stand at the end of the last block.</summary>
    private const int EndBytes = 18;

    /// <summary>The specification's initial value: two compressions, of 0 and of the digest's length.</summary>
    private static readonly uint[] s_initial = MakeInitial();

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] padded = Padding.Pad(
            message, BlockBytes, EndBytes,
            static (end, bits) =>
            {
                BinaryPrimitives.WriteUInt64LittleEndian(end.AsSpan(end.Length - EndBytes), bits);
                BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(end.Length - 2), 512);
            });
        uint[] state = [.. s_initial];
        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            Compress(state, padded.AsSpan(at, BlockBytes), Padding.BitsUpTo(message.Length, at, BlockBytes));
        }

        byte[] hash = new byte[64];
        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), state[i]);
        }

        return hash;
    }

    private static void Compress(uint[] state, ReadOnlySpan<byte> block, ulong bits)
    {
        Span<uint> keys = stackalloc uint[KeyWords];
        Expand(keys, block, bits);
        Span<uint> p = stackalloc uint[16];
        state.CopyTo(p);
        Span<uint> mixed = stackalloc uint[4];
        Span<uint> last = stackalloc uint[4];
        for (int round = 0; round < Rounds; round++)
        {
            ReadOnlySpan<uint> key = keys.Slice(RoundWords * round, RoundWords);
            for (int half = 0; half < 2; half++)
            {
                p.Slice((8 * half) + 4, 4).CopyTo(mixed);
                for (int i = 0; i < 4; i++)
                {
                    for (int word = 0; word < 4; word++)
                    {
                        mixed[word] ^= key[(16 * half) + (4 * i) + word];
                    }

                    Aes.Round(mixed);
                }

                for (int word = 0; word < 4; word++)
                {
                    p[(8 * half) + word] ^= mixed[word];
                }
            }

            // The four quarters turn by one.
            p[12..].CopyTo(last);
            p[..12].CopyTo(p[4..]);
            last.CopyTo(p);
        }

        for (int i = 0; i < 16; i++)
        {
            state[i] ^= p[i];
        }
    }

    /// <summary>The round keys: the block, then by turns 32 words by AES and 32 by addition.</summary>
    private static void Expand(Span<uint> keys, ReadOnlySpan<byte> block, ulong bits)
    {
        for (int i = 0; i < RoundWords; i++)
        {
            keys[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);
        }

        Span<uint> mixed = stackalloc uint[4];
        for (int at = RoundWords; at < KeyWords; at += 4)
        {
            Span<uint> key = keys.Slice(at, 4);
            if ((at / RoundWords) % 2 == 0)
            {
                for (int i = 0; i < 4; i++)
                {
                    key[i] = keys[at - 32 + i] ^ keys[at - 7 + i];
                }

                continue;
            }

            for (int i = 0; i < 4; i++)
            {
                mixed[i] = keys[at - 32 + ((i + 1) % 4)];
            }

            Aes.Round(mixed);
            for (int i = 0; i < 4; i++)
            {
                key[i] = mixed[i] ^ keys[at - 4 + i];
            }

            Count(key, at, (uint)bits, (uint)(bits >> 32));
        }
    }

    /// <summary>
    /// Adds the counter at four places, in another order at each; one of its four words is inverted. The upper two
    /// words are 0, because no message is that long.
    /// </summary>
    private static void Count(Span<uint> key, int at, uint low, uint high)
    {
        (uint first, uint second, uint third, uint fourth) = at switch
        {
            32 => (low, high, 0u, ~0u),
            164 => (0u, 0u, high, ~low),
            316 => (0u, 0u, low, ~high),
            440 => (high, low, 0u, ~0u),
            _ => default,
        };
        key[0] ^= first;
        key[1] ^= second;
        key[2] ^= third;
        key[3] ^= fourth;
    }

    private static uint[] MakeInitial()
    {
        uint[] state = new uint[16];
        byte[] block = new byte[BlockBytes];
        Compress(state, block, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(block, 512);
        Compress(state, block, 0);
        return state;
    }
}
