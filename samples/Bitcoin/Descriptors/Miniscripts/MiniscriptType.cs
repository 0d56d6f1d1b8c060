namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>
/// The type of an expression and what is known of it, in the letters of the miniscript specification: B, V, K, W;
/// z, o, n, d, f, e, u, m, s, x; g to j for the four kinds of time locks, and k if no two kinds must be met together.
/// </summary>
internal readonly record struct MiniscriptType(uint Bits)
{
    private const string Letters = "BVKWzondfeumsxghijk";

    internal static MiniscriptType None => default;

    public static MiniscriptType operator |(MiniscriptType one, MiniscriptType other) => new(one.Bits | other.Bits);

    public static MiniscriptType operator &(MiniscriptType one, string letters) => new(one.Bits & Of(letters).Bits);

    public static MiniscriptType operator &(MiniscriptType one, MiniscriptType other) => new(one.Bits & other.Bits);

    internal static MiniscriptType Of(string letters)
        => new(letters.Aggregate(0u, static (bits, letter) => bits | (1u << Letters.IndexOf(letter))));

    /// <summary>Whether all these letters are known of it.</summary>
    internal bool Has(string letters)
    {
        uint bits = Of(letters).Bits;
        return (Bits & bits) == bits;
    }

    internal MiniscriptType If(bool condition) => condition ? this : None;

    /// <summary>The type of an expression from the types of its parts.</summary>
    internal static MiniscriptType Of(Fragment fragment, uint number, MiniscriptType[] parts, bool isTapscript)
    {
        const uint TimeFlag = 1 << 22;
        const uint FirstTime = 500_000_000;
        MiniscriptType x = parts.Length > 0 ? parts[0] : None;
        MiniscriptType y = parts.Length > 1 ? parts[1] : None;
        MiniscriptType z = parts.Length > 2 ? parts[2] : None;
        return fragment switch
        {
            Fragment.Zero => Of("Bzudemsxk"),
            Fragment.One => Of("Bzufmxk"),
            Fragment.KeyItself => Of("Konudemsxk"),
            Fragment.KeyHash => Of("Knudemsxk"),
            Fragment.Older => Of((number & TimeFlag) != 0 ? "g" : "h") | Of("Bzfmxk"),
            Fragment.After => Of(number >= FirstTime ? "i" : "j") | Of("Bzfmxk"),
            Fragment.Sha256 or Fragment.Hash256 or Fragment.Ripemd160 or Fragment.Hash160 => Of("Bonudmk"),
            Fragment.Multi => Of("Bnudemsk"),
            Fragment.MultiA => Of("Budemsk"),
            Fragment.WrapA => Of("W").If(x.Has("B")) | (x & "ghijkudfems") | Of("x"),
            Fragment.WrapS => Of("W").If(x.Has("Bo")) | (x & "ghijkudfemsx"),
            Fragment.WrapC => Of("B").If(x.Has("K")) | (x & "ghijkondfem") | Of("us"),
            Fragment.WrapD => Of("B").If(x.Has("Vz"))
                | Of("o").If(x.Has("z"))
                | Of("e").If(x.Has("f"))
                | (x & "ghijkms")
                | Of("u").If(isTapscript)
                | Of("ndx"),
            Fragment.WrapV => Of("V").If(x.Has("B")) | (x & "ghijkzonms") | Of("fx"),
            Fragment.WrapJ => Of("B").If(x.Has("Bn")) | Of("e").If(x.Has("f")) | (x & "ghijkoums") | Of("ndx"),
            Fragment.WrapN => (x & "ghijkBzondfems") | Of("ux"),
            Fragment.AndV => (y & "KVB").If(x.Has("V"))
                | (x & "n")
                | (y & "n").If(x.Has("z"))
                | ((x | y) & "o").If((x | y).Has("z"))
                | (x & y & "dmz")
                | ((x | y) & "s")
                | Of("f").If(y.Has("f") || x.Has("s"))
                | (y & "ux")
                | Together(x, y),
            Fragment.AndB => (x & "B").If(y.Has("W"))
                | ((x | y) & "o").If((x | y).Has("z"))
                | (x & "n")
                | (y & "n").If(x.Has("z"))
                | (x & y & "e").If((x & y).Has("s"))
                | (x & y & "dzm")
                | Of("f").If((x & y).Has("f") || x.Has("sf") || y.Has("sf"))
                | ((x | y) & "s")
                | Of("ux")
                | Together(x, y),
            Fragment.OrB => Of("B").If(x.Has("Bd") && y.Has("Wd"))
                | ((x | y) & "o").If((x | y).Has("z"))
                | (x & y & "m").If((x | y).Has("s") && (x & y).Has("e"))
                | (x & y & "zse")
                | Of("dux")
                | Either(x, y),
            Fragment.OrD => (y & "B").If(x.Has("Bdu"))
                | (x & "o").If(y.Has("z"))
                | (x & y & "m").If(x.Has("e") && (x | y).Has("s"))
                | (x & y & "zs")
                | (y & "ufde")
                | Of("x")
                | Either(x, y),
            Fragment.OrC => (y & "V").If(x.Has("Bdu"))
                | (x & "o").If(y.Has("z"))
                | (x & y & "m").If(x.Has("e") && (x | y).Has("s"))
                | (x & y & "zs")
                | Of("fx")
                | Either(x, y),
            Fragment.OrI => (x & y & "VBKufs")
                | Of("o").If((x & y).Has("z"))
                | ((x | y) & "e").If((x | y).Has("f"))
                | (x & y & "m").If((x | y).Has("s"))
                | ((x | y) & "d")
                | Of("x")
                | Either(x, y),
            Fragment.AndOr => (y & z & "BKV").If(x.Has("Bdu"))
                | (x & y & z & "z")
                | ((x | (y & z)) & "o").If((x | (y & z)).Has("z"))
                | (y & z & "u")
                | (z & "f").If(x.Has("s") || y.Has("f"))
                | (z & "d")
                | (z & "e").If(x.Has("s") || y.Has("f"))
                | (x & y & z & "m").If(x.Has("e") && (x | y | z).Has("s"))
                | (z & (x | y) & "s")
                | Of("x")
                | ((x | y | z) & "ghij")
                | Of("k").If((x & y & z).Has("k") && !Mixes(x, y)),
            Fragment.Threshold => OfThreshold(number, parts),
            _ => None,
        };
    }

    private static MiniscriptType OfThreshold(uint required, MiniscriptType[] parts)
    {
        bool allE = true;
        bool allM = true;
        int signed = 0;
        int items = 0;
        MiniscriptType locks = Of("k");
        for (int i = 0; i < parts.Length; i++)
        {
            MiniscriptType part = parts[i];
            if (!part.Has(i == 0 ? "Bdu" : "Wdu"))
            {
                return None;
            }

            allE &= part.Has("e");
            allM &= part.Has("m");
            signed += part.Has("s") ? 1 : 0;
            items += part.Has("z") ? 0 : part.Has("o") ? 1 : 2;
            locks = ((locks | part) & "ghij")
                | Of("k").If((locks & part).Has("k") && (required <= 1 || !Mixes(locks, part)));
        }

        return Of("Bdu")
            | Of("z").If(items == 0)
            | Of("o").If(items == 1)
            | Of("e").If(allE && signed == parts.Length)
            | Of("m").If(allE && allM && signed >= parts.Length - required)
            | Of("s").If(signed >= parts.Length - required + 1)
            | locks;
    }

    // Both must be met.
    private static MiniscriptType Together(MiniscriptType x, MiniscriptType y)
        => ((x | y) & "ghij") | Of("k").If((x & y).Has("k") && !Mixes(x, y));

    private static MiniscriptType Either(MiniscriptType x, MiniscriptType y) => ((x | y) & "ghij") | (x & y & "k");

    private static bool Mixes(MiniscriptType x, MiniscriptType y)
        => (x.Has("g") && y.Has("h"))
            || (x.Has("h") && y.Has("g"))
            || (x.Has("i") && y.Has("j"))
            || (x.Has("j") && y.Has("i"));
}
