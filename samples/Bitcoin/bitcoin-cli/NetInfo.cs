using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.Cli;

/// <summary>The option -netinfo: sends its requests in one batch and prints the answers.</summary>
internal sealed class NetInfo
{
    private const int MaxLevel = 4;

    private static readonly string[] s_networks = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];

    private readonly int _level;
    private readonly bool _isOutboundOnly;
    private readonly string _chain;

    private NetInfo(int level, bool isOutboundOnly, string chain)
    {
        _level = level;
        _isOutboundOnly = isOutboundOnly;
        _chain = chain;
    }

    /// <summary>Parses the words after the option: a level, and whether to show only outbound peers.</summary>
    /// <exception cref="CliException">The words are something else.</exception>
    internal static NetInfo From(IReadOnlyList<string> words, string chain)
    {
        string more = $"For more information, run: {Currency.Names.Program("cli")} -help";
        byte level = 0;
        if (words.Count > 0 && !byte.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out level))
        {
            throw new CliException($"invalid -netinfo level argument: {words[0]}\n{more}");
        }

        if (words.Count > 1 && (level == 0 || words[1] is not ("o" or "outonly")))
        {
            throw new CliException(
                $"invalid -netinfo outonly argument: "
                    + $"{words[1]}\n{(level == 0 ? "The outonly argument is only valid for a level greater than 0 (the first argument). " : "")}{more}");
        }

        return new NetInfo(Math.Min(level, (byte)MaxLevel), words.Count > 1, chain);
    }

    /// <summary>The text, as the result of a reply; or the reply with the error of the node.</summary>
    internal JsonNode? Run(Func<JsonArray, JsonNode?> ask)
    {
        JsonNode? replies = ask([Request("getpeerinfo", 0), Request("getnetworkinfo", 1)]);
        if (replies is not JsonArray { Count: 2 } both)
        {
            return replies;
        }

        if (both.FirstOrDefault(static reply => reply?["error"] is not null) is { } failed)
        {
            return failed.DeepClone();
        }

        JsonNode network = both[1]!["result"]!;
        JsonObject[] peers = [.. both[0]!["result"]!.AsArray().Select(static peer => peer!.AsObject())];
        string[] services = [.. network["localservicesnames"]!.AsArray().Select(static name => name!.ToString())];
        StringBuilder text = new();
        string chain = _chain switch { "main" => "", "test" => " testnet", _ => $" {_chain}" };
        text.Append(
            CultureInfo.InvariantCulture,
            $"{ClientName.Text} client v0.1.0-multiprocess{chain} - server "
                + $"{network["protocolversion"]}{network["subversion"]}");
        text.Append(_level > 0 ? $" - services {Letters(services)}\n\n" : "\n\n");
        if (_level > 0)
        {
            Peers(text, peers);
        }

        Counts(text, peers);
        if (_level == 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n\nLocal services: "
                    + $"{string.Join(", ", services.Select(static name => name.Replace('_', ' ').ToLowerInvariant()))}");
        }

        JsonArray addresses = network["localaddresses"] as JsonArray ?? [];
        text.Append(addresses.Count == 0 ? "\n\nLocal addresses: n/a" : "\n\nLocal addresses");
        foreach (JsonNode? address in addresses)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n{address!["address"]}    port {address["port"],6}    score {address["score"],6}");
        }

        return new JsonObject { ["result"] = text.Append('\n').ToString(), ["plain"] = true };
    }

    /// <summary>A letter for each service: n, w, l for a limited node, 2 for encrypted transport.</summary>
    private static string Letters(IEnumerable<string> services) => string.Concat(
        services.Select(static name => name switch
        {
            "NETWORK_LIMITED" => "l",
            "P2P_V2" => "2",
            _ => char.ToLowerInvariant(name[0]).ToString(),
        }));

    private static void Counts(StringBuilder text, JsonObject[] peers)
    {
        string[] networks =
            [
                .. s_networks.Where((name, i) => i < 3 || peers.Any(peer => peer["network"]?.ToString() == name)),
            ];
        text.Append("     ").AppendJoin("", networks.Select(static name => name.PadLeft(8))).Append("   total   block");
        foreach ((string row, Func<JsonObject, bool> counts) in new (string, Func<JsonObject, bool>)[]
        {
            ("in", IsInbound),
            ("out", static peer => !IsInbound(peer)),
            ("total", static _ => true)
        })
        {
            JsonObject[] counted = [.. peers.Where(counts)];
            text.Append(CultureInfo.InvariantCulture, $"\n{row,-5}");
            foreach (string name in networks)
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"{counted.Count(peer => peer["network"]?.ToString() == name),8}");
            }

            text.Append(CultureInfo.InvariantCulture, $"   {counted.Length,5}");
            if (row == "out")
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"   {counted.Count(static peer => peer["connection_type"]?.ToString() == "block-relay-only"),5}");
            }
        }
    }

    private void Peers(StringBuilder text, JsonObject[] peers)
    {
        bool hasAddress = _level is 2 or 4;
        bool hasVersion = _level is 3 or 4;
        text.Append(
            CultureInfo.InvariantCulture,
            $"<->   type   net {"serv",6}  v  mping   ping send recv  "
                + $"id{(hasAddress ? "  address" : "")}{(hasVersion ? "  version" : "")}\n");
        IEnumerable<JsonObject> shown = peers
            .Where(peer => !_isOutboundOnly || !IsInbound(peer))
            .OrderByDescending(IsInbound)
            .ThenBy(static peer => Ping(peer, "minping"));
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        foreach (JsonObject peer in shown)
        {
            string type = peer["connection_type"]?.ToString() switch
            {
                "outbound-full-relay" => "full",
                "block-relay-only" => "block",
                "addr-fetch" => "addr",
                "inbound" => "",
                { } other => other,
                null => ""
            };
            string services = Letters(peer["servicesnames"]?.AsArray().Select(static name => name!.ToString()) ?? []);
            string transport = (peer["transport_protocol_type"]?.ToString() ?? "v1").TrimStart('v');
            text.Append(
                CultureInfo.InvariantCulture,
                $"{(IsInbound(peer) ? "in" : "out"),3} {type,6} {peer["network"],5} {services,6} {transport,2} "
                    + $"{Milliseconds(peer, "minping"),6} {Milliseconds(peer, "pingtime"),6} ");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Since(now, peer["lastsend"]),4} {Since(now, peer["lastrecv"]),4} {peer["id"],3}");
            text
                .Append(hasAddress ? $"  {peer["addr"]}" : "")
                .Append(hasVersion ? $"  {peer["version"]}{LineText.Escape(peer["subver"]?.ToString() ?? "")}" : "")
                .Append('\n');
        }

        text.Append('\n');
    }

    private static bool IsInbound(JsonObject peer) => peer["inbound"]?.GetValue<bool>() == true;

    private static double Ping(JsonObject peer, string name) => peer[name]?.GetValue<double>() ?? -1;

    private static string Milliseconds(JsonObject peer, string name)
        => Ping(peer, name) is >= 0 and var seconds
            ? Math.Round(seconds * 1000).ToString(CultureInfo.InvariantCulture)
            : "";

    private static string Since(long now, JsonNode? time)
        => time?.GetValue<long>() is > 0 and var at ? (now - at).ToString(CultureInfo.InvariantCulture) : "";

    private static JsonNode Request(string method, int id) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["method"] = method,
        ["params"] = new JsonArray(),
        ["id"] = id,
    };
}
