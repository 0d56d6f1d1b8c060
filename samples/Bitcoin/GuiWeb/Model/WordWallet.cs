using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.GuiWeb.Model;

/// <summary>
/// Wallets whose keys come from words (BIP39). The wallet keeps the keys only: nobody can read the words from it later.
/// </summary>
internal static class WordWallet
{
    /// <summary>Chooses twelve words at random.</summary>
    internal static string[] Invent() => new Mnemonic(Wordlist.English, WordCount.Twelve).Words;

    /// <summary>Reads words that somebody has entered; null if they are no such words, or one is wrong.</summary>
    internal static string[]? Read(string text)
    {
        string[] words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        try
        {
            Mnemonic read = new(string.Join(' ', words), Wordlist.English);
            return read.IsValidChecksum ? words : null;
        }
        catch (Exception exception) when (exception is FormatException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Gives a blank and unlocked wallet the keys of words, one descriptor for each kind of address.</summary>
    /// <param name="node">The node.</param>
    /// <param name="wallet">The name of the wallet.</param>
    /// <param name="words">The words.</param>
    /// <param name="isNew">Whether nobody can have paid to the keys yet: otherwise the chain is searched.</param>
    /// <exception cref="NodeCallException">The wallet did not take the keys.</exception>
    internal static async Task Fill(NodeModel node, string wallet, string[] words, bool isNew)
    {
        NetworkParameters network = Currency.Find(node.Network) ?? Currency.Main;
        string root = new Mnemonic(string.Join(' ', words), Wordlist.English).DeriveExtKey().ToString(network.Network);
        JsonArray requests = [];
        foreach ((int purpose, string form) in Forms())
        {
            string text = string.Format(
                System.Globalization.CultureInfo.InvariantCulture,
                form,
                $"{root}/{purpose}h/{network.CoinType}h/0h/<0;1>/*");
            JsonNode? info = await node.Call("getdescriptorinfo", new JsonArray(text));
            requests.Add(new JsonObject
            {
                ["desc"] = $"{text}#{info.Text("checksum")}",
                ["active"] = true,
                ["timestamp"] = isNew ? "now" : 0,
            });
        }

        JsonNode? results = await node.Call("importdescriptors", new JsonArray(requests), wallet);
        foreach (JsonNode? result in results.Items())
        {
            if (!result.Flag("success"))
            {
                JsonNode? error = result?["error"];
                throw new NodeCallException((int)error.Whole("code"), error.Text("message"));
            }
        }
    }

    private static IEnumerable<(int Purpose, string Form)> Forms()
        => Currency.Current.HasWitnesses
            ? [(44, "pkh({0})"), (49, "sh(wpkh({0}))"), (84, "wpkh({0})"), (86, "tr({0})")]
            : [(44, "pkh({0})")];
}
