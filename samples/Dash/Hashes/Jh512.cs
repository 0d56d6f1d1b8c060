using System.Buffers.Binary;

namespace Dash.Hashes;

/// <summary>
/// JH-512, in the form of the SHA-3 competition's last round: 42 rounds. The state is 256 elements of four bits, as the
/// specification describes it first; the form of its fast programs, in slices of bits, is not used.
/// </summary>
internal static class Jh512
{
    private const int BlockBytes = 64;
    private const int Rounds = 42;
    private const int Elements = 256;

    private static readonly byte[][] s_substitutions =
    [
        [9, 0, 4, 11, 13, 12, 3, 15, 1, 10, 2, 6, 7, 5, 8, 14],
        [3, 12, 6, 13, 5, 7, 1, 9, 15, 2, 0, 4, 11, 10, 14, 8],
    ];

    /// <summary>
    /// For two bits of a round's constant: two elements, substituted and mixed, in the halves of a byte.
    /// </summary>
    private static readonly byte[][] s_layers = [MakeLayer(0, 0), MakeLayer(0, 1), MakeLayer(1, 0), MakeLayer(1, 1)];

    /// <summary>Where each element of a round's result comes from.</summary>
    private static readonly int[] s_sources = MakeSources(Elements);

    /// <summary>For each round and pair of elements: the layer.</summary>
    private static readonly byte[] s_choices = MakeChoices();

    private static readonly byte[] s_initial = MakeInitial();

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        // The length has a block of its own, unless the message ends at the end of a block.
        int whole = Padding.Whole(message.Length, BlockBytes);
        byte[] padded = new byte[whole + BlockBytes];
        message.CopyTo(padded);
        padded[message.Length] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padded.AsSpan(padded.Length - 8), 8 * (ulong)message.Length);
        byte[] state = [.. s_initial];
        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            Compress(state, padded.AsSpan(at, BlockBytes));
        }

        return state[64..];
    }

    private static void Compress(byte[] state, ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < BlockBytes; i++)
        {
            state[i] ^= block[i];
        }

        Encrypt(state);
        for (int i = 0; i < BlockBytes; i++)
        {
            state[BlockBytes + i] ^= block[i];
        }
    }

    private static void Encrypt(byte[] state)
    {
        Span<byte> elements = stackalloc byte[Elements];
        Span<byte> next = stackalloc byte[Elements];
        Group(state, elements);
        for (int round = 0; round < Rounds; round++)
        {
            for (int pair = 0; pair < Elements / 2; pair++)
            {
                byte both = s_layers[s_choices[(round * Elements / 2) + pair]][
                    (elements[2 * pair] << 4) | elements[(2 * pair) + 1]];
                next[2 * pair] = (byte)(both >> 4);
                next[(2 * pair) + 1] = (byte)(both & 15);
            }

            for (int i = 0; i < Elements; i++)
            {
                elements[i] = next[s_sources[i]];
            }
        }

        Ungroup(elements, state);
    }

    /// <summary>An element has one bit of each quarter of the state; the halves of the elements alternate.</summary>
    private static void Group(byte[] state, Span<byte> elements)
    {
        for (int i = 0; i < Elements; i++)
        {
            int element = 0;
            for (int quarter = 0; quarter < 4; quarter++)
            {
                element = (element << 1) | ((state[(32 * quarter) + (i / 8)] >> (7 - (i % 8))) & 1);
            }

            elements[i < 128 ? 2 * i : (2 * (i - 128)) + 1] = (byte)element;
        }
    }

    private static void Ungroup(ReadOnlySpan<byte> elements, byte[] state)
    {
        Array.Clear(state);
        for (int i = 0; i < Elements; i++)
        {
            byte element = elements[i < 128 ? 2 * i : (2 * (i - 128)) + 1];
            for (int quarter = 0; quarter < 4; quarter++)
            {
                state[(32 * quarter) + (i / 8)] |= (byte)(((element >> (3 - quarter)) & 1) << (7 - (i % 8)));
            }
        }
    }

    private static byte[] MakeLayer(int first, int second)
    {
        byte[] layer = new byte[256];
        for (int both = 0; both < 256; both++)
        {
            int left = s_substitutions[first][both >> 4];
            int right = s_substitutions[second][both & 15];
            right ^= Double(left);
            left ^= Double(right);
            layer[both] = (byte)((left << 4) | right);
        }

        return layer;
    }

    /// <summary>The product with x in the field of 16 elements.</summary>
    private static int Double(int value) => ((value << 1) ^ ((value & 8) != 0 ? 0x13 : 0)) & 15;

    /// <summary>
    /// The permutation: of the last two of four, of even against odd, of each two in the second half.
    /// </summary>
    private static int[] MakeSources(int count)
    {
        int[] sources = new int[count];
        for (int i = 0; i < count; i++)
        {
            int at = i < count / 2 ? i : i ^ 1;
            at = at < count / 2 ? 2 * at : (2 * (at - (count / 2))) + 1;
            sources[i] = (at & 2) == 0 ? at : at ^ 1;
        }

        return sources;
    }

    /// <summary>
    /// A round's constant is the one before, after a round over 64 elements without a constant; the first is the
    /// fraction of the square root of two.
    /// </summary>
    private static byte[] MakeChoices()
    {
        const int Count = 64;
        byte[] constant = [.. "6a09e667f3bcc908b2fb1366ea957d3e3adec17512775099da2f590b0667322a"
            .Select(static digit => Convert.ToByte(digit.ToString(), 16))];
        int[] sources = MakeSources(Count);
        byte[] choices = new byte[Rounds * Elements / 2];
        byte[] next = new byte[Count];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Count; i++)
            {
                choices[(round * Elements / 2) + (2 * i)] = (byte)(constant[i] >> 2);
                choices[(round * Elements / 2) + (2 * i) + 1] = (byte)(constant[i] & 3);
            }

            for (int i = 0; i < Count; i += 2)
            {
                byte both = s_layers[0][(constant[i] << 4) | constant[i + 1]];
                next[i] = (byte)(both >> 4);
                next[i + 1] = (byte)(both & 15);
            }

            for (int i = 0; i < Count; i++)
            {
                constant[i] = next[sources[i]];
            }
        }

        return choices;
    }

    private static byte[] MakeInitial()
    {
        byte[] state = new byte[2 * BlockBytes];
        BinaryPrimitives.WriteUInt16BigEndian(state, 512);
        Compress(state, stackalloc byte[BlockBytes]);
        return state;
    }
}
