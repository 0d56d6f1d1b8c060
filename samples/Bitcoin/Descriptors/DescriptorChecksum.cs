using System.Text;

namespace Bitcoin.Descriptors;

/// <summary>The eight letters after a descriptor that detect typing errors.</summary>
public static class DescriptorChecksum
{
    /// <summary>The number of letters.</summary>
    public const int Length = 8;

    private const string Input =
        "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
    private const string Output = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static readonly ulong[] s_generator =
        [
            0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd,
        ];

    /// <summary>The checksum of a descriptor without one; null if it has a character that is not allowed.</summary>
    public static string? Of(string descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ulong state = 1;
        int group = 0;
        int count = 0;
        foreach (char letter in descriptor)
        {
            int at = Input.IndexOf(letter, StringComparison.Ordinal);
            if (at < 0)
            {
                return null;
            }

            // The low five bits of each letter, then the high two bits of three letters together.
            state = Step(state, at & 31);
            group = (group * 3) + (at >> 5);
            if (++count == 3)
            {
                state = Step(state, group);
                (group, count) = (0, 0);
            }
        }

        state = count > 0 ? Step(state, group) : state;
        for (int i = 0; i < Length; i++)
        {
            state = Step(state, 0);
        }

        state ^= 1;
        StringBuilder text = new();
        for (int i = 0; i < Length; i++)
        {
            text.Append(Output[(int)(state >> (5 * (Length - 1 - i))) & 31]);
        }

        return text.ToString();
    }

    /// <summary>A descriptor with its checksum.</summary>
    public static string Append(string descriptor) => $"{descriptor}#{Of(descriptor)}";

    private static ulong Step(ulong state, int value)
    {
        ulong top = state >> 35;
        state = ((state & 0x7ffffffff) << 5) ^ (uint)value;
        for (int i = 0; i < s_generator.Length; i++)
        {
            state ^= ((top >> i) & 1) == 0 ? 0 : s_generator[i];
        }

        return state;
    }
}
