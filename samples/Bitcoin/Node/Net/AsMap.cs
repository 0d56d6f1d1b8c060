using System.Buffers.Binary;
using System.Net.Sockets;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

/// <summary>
/// The operators of the internet's networks (autonomous systems) by address, from a file in Bitcoin Core's format.
/// </summary>
/// <remarks>
/// The file is a program of bits that walks along the bits of an address: return a number, jump if the next bit is one,
/// match some bits, set the number for a mismatch. Numbers are in classes of growing size: a one for each class that is
/// skipped, a zero, and then the position in the class. The whole program is checked before it is used.
/// </remarks>
internal sealed class AsMap
{
    private const int AddressBits = 128;
    private const int MaxPadding = 7;
    private const int FullMatch = 8;

    private static readonly int[] s_operations = [0, 0, 1];
    private static readonly int[] s_numbers = [.. Enumerable.Range(15, 10)];
    private static readonly int[] s_matches = [.. Enumerable.Range(1, 8)];
    private static readonly int[] s_jumps = [.. Enumerable.Range(5, 26)];

    private readonly byte[] _program;

    private AsMap(byte[] program)
    {
        _program = program;
        Version = new uint256(Hashes.DoubleSHA256RawBytes(program, 0, program.Length));
    }

    private enum Operation
    {
        Return,
        Jump,
        Match,
        Default,
    }

    /// <summary>Tells this map from others.</summary>
    internal uint256 Version { get; }

    /// <summary>Reads a map; null if it is damaged.</summary>
    internal static AsMap? Parse(byte[] program) => IsSound(program) ? new AsMap(program) : null;

    /// <summary>The number of the operator of an address; 0 if it is unknown, or no IP address.</summary>
    internal uint Find(NetAddress address)
    {
        if (address.Network is not (NetworkNames.Ipv4 or NetworkNames.Ipv6) || address.Ip is not { } ip)
        {
            return 0;
        }

        byte[] bytes = ip.AddressFamily == AddressFamily.InterNetwork || address.Linked is null
            ? ip.MapToIPv6().GetAddressBytes()
            : new System.Net.IPAddress(address.Linked).MapToIPv6().GetAddressBytes();
        Reader reader = new(_program);
        uint otherwise = 0;
        int at = 0;
        bool Next()
        {
            bool bit = ((bytes[at / 8] >> (7 - (at % 8))) & 1) != 0;
            at++;
            return bit;
        }

        // Ends within the program, because the program was checked.
        while (true)
        {
            switch (reader.Operation())
            {
                case Operation.Return:
                    return reader.Number(s_numbers, 1) ?? 0;
                case Operation.Jump when reader.Number(s_jumps, 17) is { } distance:
                    reader.Position += Next() ? distance : 0;
                    break;
                case Operation.Match when reader.Number(s_matches, 2) is { } pattern:
                    for (int bit = LengthOf(pattern) - 1; bit >= 0; bit--)
                    {
                        if (Next() != (((pattern >> bit) & 1) != 0))
                        {
                            return otherwise;
                        }
                    }

                    break;
                case Operation.Default when reader.Number(s_numbers, 1) is { } number:
                    otherwise = number;
                    break;
                default:
                    return 0;
            }
        }
    }

    /// <summary>The group of an operator's addresses.</summary>
    internal static byte[] GroupOf(uint number)
    {
        byte[] group = new byte[1 + sizeof(uint)];
        group[0] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(group.AsSpan(1), number);
        return group;
    }

    // A pattern of n bits stands behind a leading one.
    private static int LengthOf(uint pattern) => 31 - System.Numerics.BitOperations.LeadingZeroCount(pattern);

    /// <summary>
    /// Whether each path through the program ends with a number before the address ends, without code that no path
    /// reaches.
    /// </summary>
    private static bool IsSound(byte[] program)
    {
        Reader reader = new(program);
        Stack<(long To, int Bits)> jumps = [];
        Operation before = Operation.Jump;
        int bits = AddressBits;
        bool hadPart = false;
        while (!reader.IsAtEnd)
        {
            if (jumps.TryPeek(out (long To, int Bits) pending) && reader.Position >= pending.To)
            {
                return false;
            }

            Operation? operation = reader.Operation();
            switch (operation)
            {
                case Operation.Return when before != Operation.Default && reader.Number(s_numbers, 1) is not null:
                    if (!jumps.TryPop(out (long To, int Bits) next))
                    {
                        return reader.IsPadding(MaxPadding);
                    }

                    if (reader.Position != next.To)
                    {
                        return false;
                    }

                    bits = next.Bits;
                    operation = Operation.Jump;
                    break;
                case Operation.Jump when reader.Number(s_jumps, 17) is { } distance && bits > 0:
                    long to = reader.Position + distance;
                    if (to > reader.End || (jumps.TryPeek(out (long To, int Bits) outer) && to >= outer.To))
                    {
                        return false;
                    }

                    jumps.Push((to, --bits));
                    break;
                case Operation.Match when reader.Number(s_matches, 2) is { } pattern:
                    // Only the last of several matches may be short.
                    int length = LengthOf(pattern);
                    hadPart &= before == Operation.Match;
                    if (bits < length || (length < FullMatch && hadPart))
                    {
                        return false;
                    }

                    hadPart = length < FullMatch;
                    bits -= length;
                    break;
                case Operation.Default when before != Operation.Default && reader.Number(s_numbers, 1) is not null:
                    break;
                default:
                    return false;
            }

            before = operation.Value;
        }

        return false;
    }

    /// <summary>Reads the bits of a program, the lowest of a byte first.</summary>
    private sealed class Reader(byte[] program)
    {
        internal long Position { get; set; }

        internal long End => (long)program.Length * 8;

        internal bool IsAtEnd => Position >= End;

        internal Operation? Operation() => (Operation?)Number(s_operations, 0);

        /// <summary>A number in classes of growing size; null behind the end.</summary>
        internal uint? Number(int[] classes, uint least)
        {
            uint value = least;
            for (int i = 0; i < classes.Length; i++)
            {
                if (i < classes.Length - 1)
                {
                    if (Bit() is not { } skips)
                    {
                        return null;
                    }

                    if (skips)
                    {
                        value += 1u << classes[i];
                        continue;
                    }
                }

                for (int bit = classes[i] - 1; bit >= 0; bit--)
                {
                    if (Bit() is not { } isSet)
                    {
                        return null;
                    }

                    value += isSet ? 1u << bit : 0;
                }

                return value;
            }

            return null;
        }

        /// <summary>Whether only a few zeros are left.</summary>
        internal bool IsPadding(int most)
        {
            if (End - Position > most)
            {
                return false;
            }

            while (Bit() is { } bit)
            {
                if (bit)
                {
                    return false;
                }
            }

            return true;
        }

        private bool? Bit()
        {
            if (IsAtEnd)
            {
                return null;
            }

            bool bit = ((program[Position / 8] >> (int)(Position % 8)) & 1) != 0;
            Position++;
            return bit;
        }
    }
}
