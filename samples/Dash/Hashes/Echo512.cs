using System.Buffers.Binary;

namespace Dash.Hashes;

/// <summary>ECHO-512, in the form of the SHA-3 competition's second round, without a salt.</summary>
internal static class Echo512
{
    private const int BlockBytes = 128;
    private const int EndBytes = 18;
    private const int Rounds = 10;

    /// <summary>The words of a state: 16 cells of four words, in columns of four cells.</summary>
    private const int Words = 64;

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] padded = Padding.Pad(
            message, BlockBytes, EndBytes,
            static (end, bits) =>
            {
                BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(end.Length - EndBytes), 512);
                BinaryPrimitives.WriteUInt64LittleEndian(end.AsSpan(end.Length - 16), bits);
            });

        // The first half of a state is chained, the second is the message.
        Span<uint> chained = stackalloc uint[Words / 2];
        for (int cell = 0; cell < 8; cell++)
        {
            chained[4 * cell] = 512;
        }

        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            Compress(chained, padded.AsSpan(at, BlockBytes), Padding.BitsUpTo(message.Length, at, BlockBytes));
        }

        byte[] hash = new byte[64];
        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), chained[i]);
        }

        return hash;
    }

    private static void Compress(Span<uint> chained, ReadOnlySpan<byte> block, ulong bits)
    {
        Span<uint> state = stackalloc uint[Words];
        Span<uint> moved = stackalloc uint[Words];
        chained.CopyTo(state);
        for (int i = 0; i < Words / 2; i++)
        {
            state[(Words / 2) + i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);
            chained[i] ^= state[(Words / 2) + i];
        }

        ulong counter = bits;
        for (int round = 0; round < Rounds; round++)
        {
            for (int cell = 0; cell < 16; cell++, counter++)
            {
                Span<uint> words = state.Slice(4 * cell, 4);
                Aes.Round(words);
                words[0] ^= (uint)counter;
                words[1] ^= (uint)(counter >> 32);
                Aes.Round(words);
            }

            for (int cell = 0; cell < 16; cell++)
            {
                // A row's cells move to the left by the row's number, as the bytes do in AES.
                int from = (cell + (4 * (cell % 4))) % 16;
                state.Slice(4 * from, 4).CopyTo(moved[(4 * cell)..]);
            }

            for (int column = 0; column < Words; column += 16)
            {
                for (int word = column; word < column + 4; word++)
                {
                    Mix(moved[word], moved[word + 4], moved[word + 8], moved[word + 12], state[word..]);
                }
            }
        }

        for (int i = 0; i < Words / 2; i++)
        {
            chained[i] ^= state[i] ^ state[(Words / 2) + i];
        }
    }

    /// <summary>AES's mixing of a column, over the four bytes of each word.</summary>
    private static void Mix(uint a, uint b, uint c, uint d, Span<uint> to)
    {
        uint sum = a ^ b ^ c ^ d;
        to[0] = a ^ sum ^ Double(a ^ b);
        to[4] = b ^ sum ^ Double(b ^ c);
        to[8] = c ^ sum ^ Double(c ^ d);
        to[12] = d ^ sum ^ Double(d ^ a);
    }

    private static uint Double(uint bytes) => ((bytes & 0x7f7f7f7f) << 1) ^ (((bytes >> 7) & 0x01010101) * 0x1b);
}
