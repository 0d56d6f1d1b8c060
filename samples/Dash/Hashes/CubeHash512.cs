using System.Buffers.Binary;
using System.Numerics;

namespace Dash.Hashes;

/// <summary>CubeHash16/32-512: 16 rounds for each 32 bytes, and 160 before the first and after the last.</summary>
internal static class CubeHash512
{
    private const int BlockBytes = 32;
    private const int Rounds = 16;
    private const int OuterRounds = 10 * Rounds;

    private static readonly uint[] s_initial = MakeInitial();

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] padded = new byte[Padding.Whole(message.Length + 1, BlockBytes)];
        message.CopyTo(padded);
        padded[message.Length] = 0x80;
        Span<uint> state = stackalloc uint[32];
        s_initial.CopyTo(state);
        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            for (int i = 0; i < BlockBytes / 4; i++)
            {
                state[i] ^= BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(at + (4 * i)));
            }

            Turn(state, Rounds);
        }

        state[31] ^= 1;
        Turn(state, OuterRounds);
        byte[] hash = new byte[64];
        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), state[i]);
        }

        return hash;
    }

    private static void Turn(Span<uint> x, int rounds)
    {
        Span<uint> low = stackalloc uint[16];
        for (int round = 0; round < rounds; round++)
        {
            Half(x, low, 7, swapLow: 8, swapHigh: 2);
            Half(x, low, 11, swapLow: 4, swapHigh: 1);
        }
    }

    /// <summary>
    /// Adds the low half to the high one, rotates the low one, swaps its words, mixes in the high one, whose words then
    /// swap too.
    /// </summary>
    private static void Half(Span<uint> x, Span<uint> low, int rotation, int swapLow, int swapHigh)
    {
        for (int i = 0; i < 16; i++)
        {
            x[16 + i] += x[i];
            low[i ^ swapLow] = BitOperations.RotateLeft(x[i], rotation);
        }

        for (int i = 0; i < 16; i++)
        {
            x[i] = low[i] ^ x[16 + i];
            low[i] = x[16 + i];
        }

        for (int i = 0; i < 16; i++)
        {
            x[16 + i] = low[i ^ swapHigh];
        }
    }

    private static uint[] MakeInitial()
    {
        uint[] state = new uint[32];
        state[0] = 64;
        state[1] = BlockBytes;
        state[2] = Rounds;
        Turn(state, OuterRounds);
        return state;
    }
}
