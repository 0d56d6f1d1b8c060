using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Node.Commands;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Rest;

/// <summary>Serves coins over HTTP: unspent outputs (BIP64), and the outputs that a block spent.</summary>
internal sealed class RestCoins(NodeContext node)
{
    private const int MaxOutputs = 15;

    private const int OutputBytes = 36;

    /// <summary>Which of the given outputs are unspent, with their contents.</summary>
    internal RestReply Unspent(RestRequest request, string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        string[] parts = text.Length > 1 ? text[1..].Split('/') : [];
        if (parts.Length == 0 && request.Body.Length == 0)
        {
            throw RestException.Bad("Error: empty request");
        }

        bool usesPool = parts is ["checkmempool", ..];
        List<OutPoint> wanted = [.. parts.Skip(usesPool ? 1 : 0).Select(Parse)];
        if (parts.Length > 0 && wanted.Count == 0)
        {
            throw RestException.Bad("Error: empty request");
        }

        RestFormats.Check(format);
        if (format == RestFormat.Json && wanted.Count == 0)
        {
            throw RestException.Bad("Error: empty request");
        }

        if (format != RestFormat.Json && request.Body.Length > 0)
        {
            (usesPool, wanted) = wanted.Count > 0
                ? throw RestException.Bad("Combination of URI scheme inputs and raw post data is not allowed")
                : ParseBody(request.Body, format);
        }

        return wanted.Count > MaxOutputs
            ? throw RestException.Bad($"Error: max outpoints exceeded (max: {MaxOutputs}, tried: {wanted.Count})")
            : Tell(format, wanted, usesPool);
    }

    /// <summary>The outputs that the transactions of a block spent.</summary>
    internal RestReply Spent(string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        if (text.Contains('/', StringComparison.Ordinal))
        {
            throw RestException.Bad("Invalid URI format. Expected /rest/spenttxouts/<hash>.<ext>");
        }

        ChainBlock block = node.Tree.Find(RestApi.Hash(text)) ?? throw RestException.Missing($"{text} not found");
        List<UnspentCoin[]>? undo;
        try
        {
            undo = node.Tree.ReadUndo(block);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            node.Log.Write($"Error: {exception.Message}");
            undo = null;
        }

        if (undo is null)
        {
            throw RestException.Missing($"{text} undo not available");
        }

        // The coinbase spends nothing.
        List<UnspentCoin[]> spent = [[], .. undo];
        return RestFormats.Reply(
            format,
            () =>
            [
                .. Count(spent.Count),
                .. spent.SelectMany(coins => (byte[])
                [
                    .. Count(coins.Length),
                    .. coins.SelectMany(static coin => coin.ToOutput().ToBytes())
                ]),
            ],
            () => Values.Array(spent.Select(
                coins => (JsonNode)Values.Array(coins.Select(coin => (JsonNode)new JsonObject
                {
                    ["value"] = JsonText.Amount(coin.Value),
                    ["scriptPubKey"] = Values.ScriptPubKey(coin.Script, node.Tree.Network),
                })))),
            isFixed: true,
            isJsonFixed: true);
    }

    private RestReply Tell(RestFormat format, List<OutPoint> wanted, bool usesPool)
    {
        List<UnspentCoin?> found;
        ChainBlock tip;
        lock (node.Tree.Gate)
        {
            tip = node.Tree.Tip;
            found =
                [
                    .. wanted.Select(
                        id => !usesPool ? node.Tree.Coins.Find(
                            id) : node.Pool.SpenderOf(id) is null ? node.Pool.FindCoin(id) : null),
                ];
        }

        UnspentCoin[] coins = [.. found.OfType<UnspentCoin>()];
        byte[] bitmap = new byte[(found.Count + 7) / 8];
        for (int i = 0; i < found.Count; i++)
        {
            bitmap[i / 8] |= (byte)(found[i] is null ? 0 : 1 << (i % 8));
        }

        return RestFormats.Reply(
            format,
            () =>
            [
                .. BitConverter.GetBytes(tip.Height),
                .. tip.Hash.ToBytes(),
                .. Count(bitmap.Length),
                .. bitmap,
                .. Count(coins.Length),
                .. coins.SelectMany(
                    static coin
                        => (byte[])[0, 0, 0, 0, .. BitConverter.GetBytes(coin.Height), .. coin.ToOutput().ToBytes()]),
            ],
            () => new JsonObject
            {
                ["chainHeight"] = tip.Height,
                ["chaintipHash"] = tip.Hash.ToString(),
                ["bitmap"] = string.Concat(found.Select(static coin => coin is null ? '0' : '1')),
                ["utxos"] = Values.Array(coins.Select(coin => (JsonNode)new JsonObject
                {
                    ["height"] = coin.Height,
                    ["value"] = JsonText.Amount(coin.Value),
                    ["scriptPubKey"] = Values.ScriptPubKey(coin.Script, node.Tree.Network),
                })),
            });
    }

    private static OutPoint Parse(string text)
    {
        string[] parts = text.Split('-');
        return parts.Length == 2
            && parts[0].Length == 64
            && parts[0].All(char.IsAsciiHexDigit)
            && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint index)
            ? new OutPoint(uint256.Parse(parts[0]), index)
            : throw RestException.Bad("Parse error");
    }

    /// <summary>Whether to include the pool, and the outputs, preceded by their number.</summary>
    private static (bool UsesPool, List<OutPoint> Wanted) ParseBody(ReadOnlyMemory<byte> body, RestFormat format)
    {
        byte[] bytes = format == RestFormat.Binary
            ? body.ToArray()
            : Inputs.TryHex(Encoding.ASCII.GetString(body.Span).Trim(), out byte[] decoded)
            ? decoded
            : [];
        if (bytes.Length < 2 || bytes[1] >= 253 || bytes.Length < 2 + (bytes[1] * OutputBytes))
        {
            // More than 252 outputs are too many in any case, so longer counts need not be parsed.
            throw RestException.Bad("Parse error");
        }

        List<OutPoint> wanted = [];
        for (int i = 0; i < bytes[1]; i++)
        {
            ReadOnlySpan<byte> output = bytes.AsSpan(2 + (i * OutputBytes), OutputBytes);
            wanted.Add(new OutPoint(new uint256(output[..32]), BitConverter.ToUInt32(output[32..])));
        }

        return (bytes[0] != 0, wanted);
    }

    private static byte[] Count(int count) => new WireWriter().Count(count).ToArray();
}
