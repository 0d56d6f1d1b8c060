using System.Globalization;
using Bitcoin.Descriptors.Miniscripts;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>Parses descriptors. Errors are in Bitcoin Core's words.</summary>
internal sealed class DescriptorParser(NetworkParameters network)
{
    private const int MaxTreeDepth = 128;

    internal string Error { get; private set; } = "";

    internal Descriptor? Parse(string text, DescriptorPlace place)
    {
        bool hasMiniscript = place is DescriptorPlace.WitnessScriptHash or DescriptorPlace.Taproot;
        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !text.EndsWith(')'))
        {
            // In miniscript, 0 and 1 are expressions.
            return hasMiniscript ? ParseMiniscript(text, place)
                : Fail(
                    place == DescriptorPlace.ScriptHash
                        ? "A function is needed within P2SH"
                        : $"'{text}' is not a valid descriptor function");
        }

        string name = text[..open];
        string body = text[(open + 1)..^1];
        return name switch
        {
            "wpkh" or "wsh" or "tr" or "rawtr" or "multi_a" or "sortedmulti_a" when !network.Currency.HasWitnesses
                => Fail($"{name}() is for witnesses, and {network.Currency.Names.Currency} has none"),
            "pkh" when place == DescriptorPlace.Taproot => ParseMiniscript(text, place),
            "pk" or "pkh" or "wpkh" or "combo" or "rawtr" => ParseOne(name, body, place),
            "unused" when place != DescriptorPlace.Top => Fail("Can only have unused at top level"),
            "unused" => ParseOne(name, body, place) is { } only
                ? only.IsRange ? Fail("unused(): key cannot be ranged") : only
                : null,
            "multi" or "sortedmulti" or "multi_a" or "sortedmulti_a" => ParseSeveral(name, body, place),
            "sh" when place != DescriptorPlace.Top => Fail("Can only have sh() at top level"),
            "wsh" when place is DescriptorPlace.WitnessScriptHash or DescriptorPlace.Taproot
                => Fail("Can only have wsh() at top level or inside sh()"),
            "sh" => Parse(body, DescriptorPlace.ScriptHash) is { } inner ? new Hashed(name, inner) : null,
            "wsh" => Parse(body, DescriptorPlace.WitnessScriptHash) is { } inner ? new Hashed(name, inner) : null,
            "tr" when place != DescriptorPlace.Top => Fail("Can only have tr at top level"),
            "tr" => ParseTaproot(body),
            "addr" when place != DescriptorPlace.Top => Fail("Can only have addr() at top level"),
            "addr" => Address.TryParse(body, network, out Script? script)
                ? new Literal(text, script)
                : Fail("Address is not valid"),
            "raw" when place != DescriptorPlace.Top => Fail("Can only have raw() at top level"),
            "raw" => body.Length % 2 == 0 && body.All(char.IsAsciiHexDigit)
                ? new Literal(text, Script.FromHex(body))
                : Fail("Raw script is not hex"),
            _ when hasMiniscript => ParseMiniscript(text, place),
            _ => Fail(
                place == DescriptorPlace.Top
                    ? $"'{text}' is not a valid descriptor function"
                    : "A function is needed within P2SH"),
        };
    }

    private Descriptor? ParseMiniscript(string text, DescriptorPlace place)
    {
        bool isTapscript = place == DescriptorPlace.Taproot;
        List<KeyExpression> keys = [];
        string? wrongKey = null;
        MiniscriptNode? node = new MiniscriptText(isTapscript, AddKey).Parse(text);
        if (wrongKey is not null)
        {
            return Fail(wrongKey);
        }

        if (node is null || !node.FitsScript)
        {
            return Fail(
                isTapscript ? $"'{text}' is not a valid descriptor function" : "A function is needed within P2WSH");
        }

        return MiniscriptExpression.WrongWith(node, keys) is { } wrong
            ? Fail(wrong)
            : new MiniscriptExpression(node, keys);

        int? AddKey(string word)
        {
            if (!KeyExpression.TryParse(
                word, network, isTapscript, allowsUncompressed: false, out KeyExpression? key, out string error))
            {
                wrongKey ??= error;
                return null;
            }

            keys.Add(key);
            return keys.Count - 1;
        }
    }

    private OneKey? ParseOne(string name, string body, DescriptorPlace place)
    {
        bool isMisplaced = name switch
        {
            "combo" or "rawtr" => place != DescriptorPlace.Top,
            "wpkh" => place is DescriptorPlace.WitnessScriptHash or DescriptorPlace.Taproot,
            _ => false,
        };
        if (isMisplaced)
        {
            Error = name == "wpkh"
                ? "Can only have wpkh() at top level or inside sh()"
                : $"Can only have {name}() at top level";
            return null;
        }

        bool isTapscript = place == DescriptorPlace.Taproot || name == "rawtr";
        bool allowsUncompressed = name is "pk" or "pkh" or "combo"
            && place is DescriptorPlace.Top or DescriptorPlace.ScriptHash;
        if (Words(body).Count > 1)
        {
            Error = $"{name}(): only one key expected.";
            return null;
        }

        if (!KeyExpression.TryParse(
            body, network, isTapscript, allowsUncompressed, out KeyExpression? key, out string error))
        {
            Error = $"{name}(): {error}";
            return null;
        }

        return new OneKey(name, key, isTapscript);
    }

    private SeveralKeys? ParseSeveral(string name, string body, DescriptorPlace place)
    {
        const int MaxKeys = 20;
        const int MaxTapscriptKeys = 999;
        bool isTapscript = name.EndsWith("_a", StringComparison.Ordinal);
        if (isTapscript != (place == DescriptorPlace.Taproot))
        {
            Error = isTapscript
                ? $"Can only have multi_a/sortedmulti_a inside tr()"
                : "Can only have multi/sortedmulti at top level, in sh(), or in wsh()";
            return null;
        }

        List<string> parts = Words(body);
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int required))
        {
            Error = $"Multi threshold '{parts[0]}' is not valid";
            return null;
        }

        List<KeyExpression> keys = [];
        foreach (string part in parts.Skip(1))
        {
            if (!KeyExpression.TryParse(
                part,
                network,
                isTapscript,
                place is DescriptorPlace.Top or DescriptorPlace.ScriptHash,
                out KeyExpression? key,
                out string error))
            {
                Error = $"Multi: {error}";
                return null;
            }

            keys.Add(key);
        }

        int most = isTapscript ? MaxTapscriptKeys : MaxKeys;
        Error = keys.Count == 0 || keys.Count > most
            ? $"Cannot have {keys.Count} keys in multisig; must have between 1 and {most} keys, inclusive"
            : required < 1 ? $"Multisig threshold cannot be {required}, must be at least 1"
            : required > keys.Count
                ? $"Multisig threshold cannot be larger than the number of keys; threshold is {required} but only {keys.Count} keys specified"
            : place == DescriptorPlace.Top
                && keys.Count > 3 ? $"Cannot have {keys.Count} pubkeys in bare multisig; only at most 3 pubkeys"
            : "";
        if (Error.Length == 0 && place == DescriptorPlace.ScriptHash)
        {
            int size = 3 + keys.Sum(static key => key.IsCompressed ? 34 : 66);
            Error = size > 520 ? $"P2SH script is too large, {size} bytes is larger than 520 bytes" : "";
        }

        return Error.Length == 0 ? new SeveralKeys(name, required, keys) : null;
    }

    private TaprootTree? ParseTaproot(string body)
    {
        int comma = Words(body) is [{ } inner, _, ..] ? inner.Length : -1;
        string first = comma < 0 ? body : body[..comma];
        if (!KeyExpression.TryParse(
            first, network, allowsXOnly: true, allowsUncompressed: false, out KeyExpression? key, out string error))
        {
            Error = $"tr(): {error}";
            return null;
        }

        List<(int, Descriptor)> leaves = [];
        return comma < 0 || TryTree(body[(comma + 1)..], 0, leaves) ? new TaprootTree(key, leaves) : null;
    }

    private bool TryTree(string text, int depth, List<(int, Descriptor)> leaves)
    {
        if (depth > MaxTreeDepth)
        {
            Error = $"tr() supports at most {MaxTreeDepth} nesting levels";
            return false;
        }

        if (!text.StartsWith('{'))
        {
            if (Parse(text, DescriptorPlace.Taproot) is not { } leaf)
            {
                return false;
            }

            leaves.Add((depth, leaf));
            return true;
        }

        int comma = TopLevelComma(text);
        if (comma < 0 || !text.EndsWith('}'))
        {
            Error = "tr(): expected ',' and '}' in a branch";
            return false;
        }

        return TryTree(text[1..comma], depth + 1, leaves) && TryTree(text[(comma + 1)..^1], depth + 1, leaves);
    }

    /// <summary>The parts of a text between the commas that are in no parentheses or braces.</summary>
    internal static List<string> Words(string text)
    {
        List<string> words = [];
        int level = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            level += text[i] is '(' or '{' ? 1 : text[i] is ')' or '}' ? -1 : 0;
            if (text[i] == ',' && level == 0)
            {
                words.Add(text[start..i]);
                start = i + 1;
            }
        }

        words.Add(text[start..]);
        return words;
    }

    private static int TopLevelComma(string text)
    {
        int level = 0;
        for (int i = 0; i < text.Length; i++)
        {
            level += text[i] is '{' or '(' ? 1 : text[i] is '}' or ')' ? -1 : 0;
            if (text[i] == ',' && level == 1)
            {
                return i;
            }
        }

        return -1;
    }

    private Descriptor? Fail(string error)
    {
        Error = error;
        return null;
    }
}
