using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Cli;

/// <summary>-generate: mines blocks that pay to a new address of the wallet.</summary>
/// <param name="words">The number of blocks and how many nonces to try; both may be left out.</param>
internal sealed class Generate(IReadOnlyList<string> words)
{
    private const string DefaultBlocks = "1";

    /// <summary>Asks the wallet for an address, then the node for the blocks.</summary>
    /// <param name="ask">Sends a request and returns its answer.</param>
    /// <exception cref="CliException">The words are wrong. The wallet may have made an address already.</exception>
    internal JsonNode? Run(Func<JsonObject, JsonNode?> ask)
    {
        JsonNode? made = ask(Request("getnewaddress", new JsonArray()));
        if (made?["error"] is JsonObject)
        {
            return made;
        }

        string address = made?["result"]?.ToString()
            ?? throw new CliException("getnewaddress: Expected an address, got nothing.");
        JsonNode? mined = ask(
            Request("generatetoaddress", CliArguments.ByPosition("generatetoaddress", Arguments(address))));
        return mined?["error"] is JsonObject ? mined : new JsonObject
        {
            ["result"] = new JsonObject { ["address"] = address, ["blocks"] = mined?["result"]?.DeepClone() },
        };
    }

    private IEnumerable<string> Arguments(string address)
    {
        if (words.Count > 2)
        {
            throw new CliException("too many arguments (maximum 2 for nblocks and maxtries)");
        }

        if (words is ["0", ..])
        {
            throw new CliException(
                $"the first argument (number of blocks to generate, default: {DefaultBlocks}) must be an integer value "
                    + "greater than zero");
        }

        return words.Count == 0 ? [DefaultBlocks, address] : [words[0], address, .. words.Skip(1)];
    }

    private static JsonObject Request(string method, JsonNode parameters) => new()
    {
        ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters, ["id"] = 1,
    };
}
