using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Multiprocess;

namespace Bitcoin.Cli;

/// <summary>The option -getinfo: sends its requests in one batch and prints the answers.</summary>
/// <param name="ask">Sends a batch to a path.</param>
/// <param name="hasColours">Whether to use a terminal's colours.</param>
internal sealed class GetInfo(Func<JsonArray, string, JsonNode?> ask, bool hasColours)
{
    private static readonly string[] s_methods =
        [
            "getnetworkinfo", "getblockchaininfo", "getwalletinfo", "getbalance", "listwallets",
        ];

    /// <summary>The text, as the result of a reply; or the reply with the error of the node.</summary>
    /// <param name="uri">The path that names the wallet.</param>
    internal JsonNode? Run(string uri)
    {
        JsonNode? replies = ask([.. s_methods.Select((method, i) => Request(method, i))], uri);
        if (replies is not JsonArray { Count: 5 } all)
        {
            return replies;
        }

        if (all.Take(2).FirstOrDefault(static reply => reply?["error"] is not null) is { } failed)
        {
            return failed.DeepClone();
        }

        // The wallet's requests fail if no wallet, or several, are loaded. That is not an error here.
        JsonNode?[] results = [.. all.Select(static reply => reply?["result"])];
        StringBuilder text = new();
        Describe(text, results[0]!, results[1]!);
        if (results[2] is { } wallet && results[3] is { } balance)
        {
            string name = IpcText.Escape(wallet["walletname"]!.ToString());
            string unlocked = wallet["unlocked_until"] is { } until ? $"Unlocked until: {until}\n" : "";
            text.Append(
                CultureInfo.InvariantCulture,
                $"\nWallet: {(name.Length == 0 ? "\"\"" : name)}\nKeypool size: {wallet["keypoolsize"]}\n"
                    + $"{unlocked}\nBalance: {balance}\n");
        }
        else if (results[4] is JsonArray { Count: > 1 } wallets
            && all[2]?["error"]?["code"]?.GetValue<int>() == RpcErrorCode.WalletNotSpecified)
        {
            text.Append("\nBalances\n");
            (string Name, string Balance)[] balances =
                [
                    .. wallets.Select(wallet => (IpcText.Escape(wallet!.ToString()), BalanceOf(wallet.ToString()))),
                ];
            int width = balances.Max(static pair => pair.Balance.Length);
            foreach ((string name, string amount) in balances)
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"{amount.PadLeft(width)} {(name.Length == 0 ? "\"\"" : name)}\n");
            }
        }

        string warnings = string.Join(
            '\n', results[1]!["warnings"]!.AsArray().Select(static warning => warning!.ToString()));
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n{Coloured("33", "Warnings:")} {(warnings.Length == 0 ? "(none)" : warnings)}");
        return new JsonObject { ["result"] = text.ToString(), ["plain"] = true };
    }

    private void Describe(StringBuilder text, JsonNode network, JsonNode chain)
    {
        double progress = 100 * chain["verificationprogress"]!.GetValue<double>();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Coloured("34", $"Chain: {chain["chain"]}")}\nBlocks: {chain["blocks"]}\nHeaders: {chain["headers"]}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"Verification progress: {progress:F4}%\nDifficulty: {chain["difficulty"]}\n\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"Network: in {network["connections_in"]}, out {network["connections_out"]}, total "
                + $"{network["connections"]}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"Version: {network["version"]}\nTime offset (s): {network["timeoffset"]}\nProxies: "
                + $"{Proxies(network)}\nMin tx relay fee rate ({Currency.Names.Unit}/kvB): {network["relayfee"]}\n");
    }

    /// <summary>Each proxy with its networks.</summary>
    private static string Proxies(JsonNode network)
    {
        string[] proxies = [.. (network["networks"] as JsonArray ?? [])
            .Where(static one => one!["proxy"]!.ToString().Length > 0)
            .GroupBy(static one => one!["proxy"]!.ToString(), static one => one!["name"]!.ToString())
            .OrderBy(static group => group.First() == "i2p")
            .Select(static group => $"{group.Key} ({string.Join(", ", group)})")];
        return proxies.Length == 0 ? "n/a" : string.Join(", ", proxies);
    }

    private string BalanceOf(string wallet)
    {
        JsonNode? replies = ask([Request("getbalance", 0)], $"/wallet/{Uri.EscapeDataString(wallet)}");
        return (replies as JsonArray)?[0]?["result"] is { } balance ? JsonText.Compact(balance) : "?";
    }

    private string Coloured(string code, string text) => hasColours ? $"\u001b[{code}m{text}\u001b[0m" : text;

    private static JsonNode Request(string method, int id) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["method"] = method,
        ["params"] = new JsonArray(),
        ["id"] = id,
    };
}
