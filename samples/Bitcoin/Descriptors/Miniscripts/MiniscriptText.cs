using System.Globalization;
using System.Text;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>Reads and writes the text of expressions.</summary>
/// <param name="isTapscript">Whether the script is a leaf of taproot.</param>
/// <param name="addKey">Takes the text of a key and returns its number; null if it is not one.</param>
internal sealed class MiniscriptText(bool isTapscript, Func<string, int?> addKey)
{
    private const uint MaxNumber = 0x7fffffff;
    private const int MaxKeys = 20;
    private const int MaxTapscriptKeys = 999;

    private static readonly (string Name, Fragment Fragment, int Parts)[] s_joined =
    [
        ("and_v", Fragment.AndV, 2), ("and_b", Fragment.AndB, 2), ("or_b", Fragment.OrB, 2),
        ("or_c", Fragment.OrC, 2), ("or_d", Fragment.OrD, 2), ("or_i", Fragment.OrI, 2), ("andor", Fragment.AndOr, 3),
    ];

    private static readonly (char Letter, Fragment Fragment)[] s_wraps =
    [
        ('a', Fragment.WrapA), ('s', Fragment.WrapS), ('c', Fragment.WrapC), ('d', Fragment.WrapD),
        ('v', Fragment.WrapV), ('j', Fragment.WrapJ), ('n', Fragment.WrapN),
    ];

    /// <summary>Reads an expression; null if it is not one.</summary>
    internal MiniscriptNode? Parse(string text) => Parse(text, 0);

    /// <summary>The text of an expression.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="keyText">The text of a key.</param>
    internal static string Format(MiniscriptNode node, Func<int, string> keyText)
    {
        StringBuilder wraps = new();
        while (true)
        {
            IReadOnlyList<MiniscriptNode> parts = node.Parts;
            (char letter, MiniscriptNode? inner) = node.Fragment switch
            {
                Fragment.WrapC when parts[0].Fragment is Fragment.KeyItself or Fragment.KeyHash => (' ', null),
                Fragment.AndV when parts[1].Fragment == Fragment.One => ('t', parts[0]),
                Fragment.OrI when parts[0].Fragment == Fragment.Zero => ('l', parts[1]),
                Fragment.OrI when parts[1].Fragment == Fragment.Zero => ('u', parts[0]),
                _ => Array.Find(s_wraps, wrap => wrap.Fragment == node.Fragment) is { Letter: not '\0' } wrap
                    ? (wrap.Letter, parts[0])
                    : (' ', null),
            };
            if (inner is null)
            {
                break;
            }

            wraps.Append(letter, node.Fragment == Fragment.WrapN ? (int)node.Number : 1);
            node = inner;
        }

        return (wraps.Length > 0 ? $"{wraps}:" : "") + FormatPlain(node, keyText);
    }

    private static string FormatPlain(MiniscriptNode node, Func<int, string> keyText)
    {
        string hash = Convert.ToHexStringLower(node.Hash);
        string keys = string.Join(',', node.Keys.Select(keyText));
        return node.Fragment switch
        {
            Fragment.Zero => "0",
            Fragment.One => "1",
            Fragment.KeyItself => $"pk_k({keys})",
            Fragment.KeyHash => $"pk_h({keys})",
            Fragment.WrapC => node.Parts[0].Fragment == Fragment.KeyItself
                ? $"pk({keyText(node.Parts[0].Keys[0])})"
                : $"pkh({keyText(node.Parts[0].Keys[0])})",
            Fragment.Older => string.Create(CultureInfo.InvariantCulture, $"older({node.Number})"),
            Fragment.After => string.Create(CultureInfo.InvariantCulture, $"after({node.Number})"),
            Fragment.Sha256 => $"sha256({hash})",
            Fragment.Hash256 => $"hash256({hash})",
            Fragment.Ripemd160 => $"ripemd160({hash})",
            Fragment.Hash160 => $"hash160({hash})",
            Fragment.Multi => string.Create(CultureInfo.InvariantCulture, $"multi({node.Number},{keys})"),
            Fragment.MultiA => string.Create(CultureInfo.InvariantCulture, $"multi_a({node.Number},{keys})"),
            Fragment.Threshold => string.Create(
                CultureInfo.InvariantCulture,
                $"thresh({node.Number},{string.Join(',', node.Parts.Select(part => Format(part, keyText)))})"),
            Fragment.AndOr when node.Parts[2].Fragment == Fragment.Zero
                => $"and_n({Format(node.Parts[0], keyText)},{Format(node.Parts[1], keyText)})",
            _ => $"{s_joined.First(one => one.Fragment == node.Fragment).Name}("
                + $"{string.Join(',', node.Parts.Select(part => Format(part, keyText)))})",
        };
    }

    private MiniscriptNode? Parse(string text, int depth)
    {
        if (depth > MiniscriptNode.MaxDepth)
        {
            return null;
        }

        int colon = text.TakeWhile(static letter => letter is >= 'a' and <= 'z').Count();
        if (colon < text.Length && text[colon] == ':')
        {
            return colon == 0 ? null : Wrap(text.AsSpan(0, colon), Parse(text[(colon + 1)..], depth + 1), depth);
        }

        if (text is "0" or "1")
        {
            return Node(text == "0" ? Fragment.Zero : Fragment.One);
        }

        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !text.EndsWith(')'))
        {
            return null;
        }

        string name = text[..open];
        List<string> words = DescriptorParser.Words(text[(open + 1)..^1]);
        (_, Fragment fragment, int count) = Array.Find(s_joined, one => one.Name == name);
        if (count > 0)
        {
            return words.Count == count ? Join(fragment, words, depth) : null;
        }

        return name switch
        {
            "pk" => Wrap('c', OfKey(Fragment.KeyItself, words)),
            "pkh" => Wrap('c', OfKey(Fragment.KeyHash, words)),
            "pk_k" => OfKey(Fragment.KeyItself, words),
            "pk_h" => OfKey(Fragment.KeyHash, words),
            "older" => OfNumber(Fragment.Older, words),
            "after" => OfNumber(Fragment.After, words),
            "sha256" => OfHash(Fragment.Sha256, words, 32),
            "hash256" => OfHash(Fragment.Hash256, words, 32),
            "ripemd160" => OfHash(Fragment.Ripemd160, words, 20),
            "hash160" => OfHash(Fragment.Hash160, words, 20),
            "multi" when !isTapscript => OfKeys(Fragment.Multi, words, MaxKeys),
            "multi_a" when isTapscript => OfKeys(Fragment.MultiA, words, MaxTapscriptKeys),
            "and_n" => words.Count == 2 ? Join(Fragment.AndOr, [.. words, "0"], depth) : null,
            "thresh" => words.Count > 1 && Number(words[0]) is { } required && required < words.Count
                ? Join(Fragment.Threshold, words[1..], depth, required)
                : null,
            _ => null,
        };
    }

    private MiniscriptNode? Wrap(ReadOnlySpan<char> letters, MiniscriptNode? inner, int depth)
    {
        while (letters.Length > 0 && inner is not null)
        {
            int row = letters.Length - letters.TrimEnd('n').Length;
            inner = depth++ > MiniscriptNode.MaxDepth ? null
                : row > 0 ? Node(Fragment.WrapN, [inner], (uint)row)
                : Wrap(letters[^1], inner);
            letters = letters[..^Math.Max(row, 1)];
        }

        return inner;
    }

    private MiniscriptNode? Wrap(char letter, MiniscriptNode? inner)
    {
        if (inner is null)
        {
            return null;
        }

        return letter switch
        {
            't' => Node(Fragment.AndV, [inner, Node(Fragment.One)]),
            'l' => Node(Fragment.OrI, [Node(Fragment.Zero), inner]),
            'u' => Node(Fragment.OrI, [inner, Node(Fragment.Zero)]),
            _ => Array.Find(s_wraps, wrap => wrap.Letter == letter) is { Letter: not '\0' } wrap
                ? Node(wrap.Fragment, [inner])
                : null,
        };
    }

    private MiniscriptNode? Join(Fragment fragment, List<string> words, int depth, uint number = 0)
    {
        List<MiniscriptNode> parts = [];
        foreach (string word in words)
        {
            if (Parse(word, depth + 1) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        return Node(fragment, parts, number);
    }

    private MiniscriptNode? OfKey(Fragment fragment, List<string> words)
        => words.Count == 1 && addKey(words[0]) is { } key ? Node(fragment, keys: [key]) : null;

    private MiniscriptNode? OfKeys(Fragment fragment, List<string> words, int most)
    {
        if (Number(words[0]) is not { } required || words.Count - 1 > most || required >= words.Count)
        {
            return null;
        }

        int?[] keys = [.. words.Skip(1).Select(addKey)];
        return Array.TrueForAll(keys, static key => key is not null)
            ? Node(fragment, number: required, keys: [.. keys.Select(static key => key!.Value)])
            : null;
    }

    private MiniscriptNode? OfNumber(Fragment fragment, List<string> words)
        => words.Count == 1 && Number(words[0]) is { } number ? Node(fragment, number: number) : null;

    private MiniscriptNode? OfHash(Fragment fragment, List<string> words, int bytes)
        => words.Count == 1 && words[0].Length == 2 * bytes && words[0].All(char.IsAsciiHexDigit)
            ? Node(fragment, hash: Convert.FromHexString(words[0]))
            : null;

    private static uint? Number(string text)
        => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            && number is >= 1 and <= MaxNumber
            && text[0] != '0'
            ? number
            : null;

    private MiniscriptNode Node(
        Fragment fragment,
        IReadOnlyList<MiniscriptNode>? parts = null,
        uint number = 0,
        IReadOnlyList<int>? keys = null,
        byte[]? hash = null) => new(fragment, isTapscript, parts, number, keys, hash);
}
