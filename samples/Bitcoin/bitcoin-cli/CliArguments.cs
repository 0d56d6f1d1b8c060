using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bitcoin.Cli;

/// <summary>Turns words into arguments. A word is text unless the method wants something else there, which this side must know.</summary>
internal static class CliArguments
{
    private const string Positional = "args";

    // By method: number and names of each argument that is not text.
    private static readonly HashSet<(string Method, int Index, string Name)> s_json =
    [
        ("createwallet", 1, "disable_private_keys"), ("createwallet", 2, "blank"), ("createwallet", 4, "avoid_reuse"), ("createwallet", 5, "descriptors"), ("createwallet", 6, "load_on_startup"),
        ("generatetoaddress", 0, "nblocks"), ("generatetoaddress", 2, "maxtries"),
        ("getbalance", 1, "minconf"), ("getbalance", 2, "include_watchonly"), ("getbalance", 3, "avoid_reuse"),
        ("getblock", 1, "verbosity"), ("getblock", 1, "verbose"),
        ("getblockhash", 0, "height"),
        ("getblockheader", 1, "verbose"),
        ("getrawmempool", 0, "verbose"), ("getrawmempool", 1, "mempool_sequence"),
        ("loadwallet", 1, "load_on_startup"),
        ("logging", 0, "include"), ("logging", 1, "exclude"),
        ("setmocktime", 0, "timestamp"),
        ("stop", 0, "wait"),
        ("unloadwallet", 1, "load_on_startup"),
        ("waitfornewblock", 0, "timeout"),
    ];

    internal static JsonArray ByPosition(string method, IEnumerable<string> words)
    {
        return [.. words.Select((word, i) => s_json.Any(entry => entry.Method == method && entry.Index == i) ? Parse(word) : word)];
    }

    internal static JsonObject ByName(string method, IEnumerable<string> words)
    {
        JsonObject named = [];
        List<string> positional = [];
        foreach (string word in words)
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                positional.Add(word);
                continue;
            }

            string name = word[..equals];
            string value = word[(equals + 1)..];
            named[name] = s_json.Any(entry => entry.Method == method && entry.Name == name) ? Parse(value) : value;
        }

        if (positional.Count > 0)
        {
            named[Positional] = ByPosition(method, positional);
        }

        return named;
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw new CliException($"Error parsing JSON: {text}");
        }
    }
}
