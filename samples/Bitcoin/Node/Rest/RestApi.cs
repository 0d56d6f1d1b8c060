using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node.Commands;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Rest;

/// <summary>
/// Serves public data of the node over HTTP, to anybody who can reach its port. Read-only. Thread-safe.
/// </summary>
internal sealed class RestApi
{
    private const int MaxHeaders = 2000;

    private readonly NodeContext _node;
    private readonly RawTransactionCommands _transactions;
    private readonly RestCoins _coins;
    private readonly (string Prefix, Func<RestRequest, string, RestReply> Answer)[] _places;

    internal RestApi(NodeContext node)
    {
        _node = node;
        _transactions = new RawTransactionCommands(node);
        _coins = new RestCoins(node);

        // The first prefix that matches counts, so a longer one comes before its own prefix.
        _places =
        [
            ("/tx/", Transaction),
            ("/block/notxdetails/", (request, path) => Block(path, verbosity: 1)),
            ("/block/", (request, path) => Block(path, verbosity: 3)),
            ("/blockpart/", BlockPart),
            ("/blockfilter/", (request, path) => Filter(path)),
            ("/blockfilterheaders/", FilterHeaders),
            ("/chaininfo", (request, path)
                => RestFormats.ReplyJson(RestFormats.Split(path, out _), () => Ask("getblockchaininfo"))),
            ("/mempool/", Pool),
            ("/headers/", Headers),
            ("/getutxos", _coins.Unspent),
            ("/deploymentinfo/", (request, path) => Deployments(path)),
            ("/deploymentinfo", (request, path) => Deployments(path)),
            ("/blockhashbyheight/", (request, path) => HashByHeight(path)),
            ("/spenttxouts/", (request, path) => _coins.Spent(path)),
        ];
    }

    /// <summary>Whether a request may wait for another process.</summary>
    internal static bool Waits(string path)
        => path.StartsWith("/blockfilter", StringComparison.Ordinal)
            || path.StartsWith("/tx/", StringComparison.Ordinal);

    /// <summary>Answers a request.</summary>
    /// <returns>Null if the path is unknown.</returns>
    internal RestReply? Answer(RestRequest request)
    {
        foreach ((string prefix, Func<RestRequest, string, RestReply> answer) in _places)
        {
            if (request.Path.StartsWith(prefix, StringComparison.Ordinal))
            {
                try
                {
                    return _node.Rpc.Warmup is { } status
                        ? throw new RestException(
                            RestException.Unavailable, $"Service temporarily unavailable: {status}")
                        : answer(request, request.Path[prefix.Length..]);
                }
                catch (RestException exception)
                {
                    return RestFormats.Error(exception.Status, exception.Message);
                }
                catch (RpcException exception)
                {
                    return RestFormats.Error(500, exception.Message);
                }
            }
        }

        return null;
    }

    internal static uint256 Hash(string text)
    {
        return text.Length == 64 && text.All(char.IsAsciiHexDigit)
            ? uint256.Parse(text)
            : throw RestException.Bad($"Invalid hash: {text}");
    }

    private BlockTree Tree => _node.Tree;

    private RestReply Transaction(RestRequest request, string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        (Transaction transaction, ChainBlock? block) = _transactions.Find(Hash(text), null)
            ?? throw RestException.Missing($"{text} not found");
        return RestFormats.Reply(format, () => transaction.ToBytes(), () =>
        {
            JsonObject result = Values.Transaction(transaction, Tree.Network);
            if (block is not null)
            {
                result["blockhash"] = block.Hash.ToString();
            }

            return result;
        });
    }

    private RestReply Block(string path, int verbosity)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        byte[] bytes = ReadBlock(text, out ChainBlock block);
        return RestFormats.Reply(
            format,
            () => bytes,
            () => Tree.TryParse(bytes, out Block? data) ? Values.Block(
                Tree, block, data, verbosity) : throw new RestException(500, $"I/O error reading {text}"),
            isFixed: true);
    }

    private RestReply BlockPart(RestRequest request, string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        if (!TryNumber(request.Parameter("offset"), out ulong offset))
        {
            throw RestException.Bad("Block part offset missing or invalid");
        }

        if (!TryNumber(request.Parameter("size"), out ulong size))
        {
            throw RestException.Bad("Block part size missing or invalid");
        }

        byte[] bytes = ReadBlock(text, out _);
        if (size == 0 || offset >= (ulong)bytes.Length || size > (ulong)bytes.Length - offset)
        {
            throw RestException.Bad($"Bad block part offset/size {offset}/{size} for {text}");
        }

        return RestFormats.Reply(
            format, () => bytes.AsSpan((int)offset, (int)size).ToArray(), json: null, isFixed: true);
    }

    private byte[] ReadBlock(string text, out ChainBlock block)
    {
        block = Tree.Find(Hash(text)) ?? throw RestException.Missing($"{text} not found");
        if (!Tree.HasData(block))
        {
            throw RestException.Missing(
                Tree.HasPruned && block.TransactionCount > 0
                    ? $"{text} not available (pruned data)"
                    : $"{text} not available (not fully downloaded)");
        }

        try
        {
            return Tree.ReadBytes(block)!;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            _node.Log.Write($"Error: {exception.Message}");
            throw new RestException(500, $"I/O error reading {text}");
        }
    }

    private RestReply Headers(RestRequest request, string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        string[] parts = text.Split('/');
        (string hash, string count) = parts.Length switch
        {
            // The older form of the path.
            2 => (parts[1], parts[0]),
            1 => (parts[0], request.Parameter("count") ?? "5"),
            _ => throw RestException.Bad("Invalid URI format. Expected /rest/headers/<hash>.<ext>?count=<count>"),
        };
        List<ChainBlock> blocks = Following(hash, Count(count));
        return RestFormats.Reply(
            format,
            () => [.. blocks.SelectMany(static block => block.Header.ToBytes())],
            () => Values.Array(blocks.Select(block => (JsonNode)Values.Header(Tree, block))));
    }

    private RestReply FilterHeaders(RestRequest request, string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        string[] parts = text.Split('/');
        (string hash, string count) = parts.Length switch
        {
            3 => (parts[2], parts[1]),
            2 => (parts[1], request.Parameter("count") ?? "5"),
            _ => throw RestException.Bad(
                "Invalid URI format. Expected /rest/blockfilterheaders/<filtertype>/<blockhash>.<ext>?count=<count>"),
        };
        int limit = Count(count);
        Hash(hash);
        CheckFilterType(parts[0]);
        List<ChainBlock> blocks = Following(hash, limit);
        bool isReady = _node.Indexes!.CatchUp(IndexNames.BasicFilters);
        BlockFilter?[] filters = _node.Indexes.GetFilters([.. blocks.Select(static block => block.Hash)]);
        if (filters.Contains(null))
        {
            throw RestException.Missing(
                isReady
                    ? "Filter not found. This error is unexpected and indicates index corruption."
                    : "Filter not found. Block filters are still in the process of being indexed.");
        }

        return RestFormats.Reply(
            format,
            () => [.. filters.SelectMany(static filter => filter!.Header.ToBytes())],
            () => Values.Strings(filters.Select(static filter => filter!.Header.ToString())));
    }

    private RestReply Filter(string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        string[] parts = text.Split('/');
        if (parts.Length != 2)
        {
            throw RestException.Bad("Invalid URI format. Expected /rest/blockfilter/<filtertype>/<blockhash>");
        }

        uint256 hash = Hash(parts[1]);
        CheckFilterType(parts[0]);
        ChainBlock block = Tree.Find(hash) ?? throw RestException.Missing($"{parts[1]} not found");
        bool isReady = _node.Indexes!.CatchUp(IndexNames.BasicFilters);
        if (_node.Indexes.GetFilters([hash])[0] is not { } filter)
        {
            throw RestException.Missing((block.Status & BlockStatus.ScriptsChecked) == 0
                ? "Filter not found. Block was not connected to active chain."
                : isReady ? "Filter not found. This error is unexpected and indicates index corruption."
                : "Filter not found. Block filters are still in the process of being indexed.");
        }

        // The form that nodes send: kind, block, length, filter.
        return RestFormats.Reply(
            format,
            () => [0, .. hash.ToBytes(), .. new WireWriter().Count(filter.Data.Length).ToArray(), .. filter.Data],
            () => new JsonObject { ["filter"] = Convert.ToHexStringLower(filter.Data) },
            isFixed: true,
            isJsonFixed: true);
    }

    private void CheckFilterType(string type)
    {
        if (type != "basic")
        {
            throw RestException.Bad($"Unknown filtertype {type}");
        }

        if (_node.Indexes?.Has(IndexNames.BasicFilters) != true)
        {
            throw RestException.Bad($"Index is not enabled for filtertype {type}");
        }
    }

    private RestReply Deployments(string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        if (text.Length > 0 && format == RestFormat.Json && Tree.Find(Hash(text)) is null)
        {
            throw RestException.Bad("Block not found");
        }

        return RestFormats.ReplyJson(
            format,
            () => text.Length == 0 ? Ask("getdeploymentinfo") : Ask("getdeploymentinfo", text),
            isFixed: text.Length > 0);
    }

    private RestReply Pool(RestRequest request, string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        return text switch
        {
            "info" => RestFormats.ReplyJson(format, () => Ask("getmempoolinfo")),
            "contents" => RestFormats.ReplyJson(format, () => PoolContents(request)),
            _ => throw RestException.Bad("Invalid URI format. Expected /rest/mempool/<info|contents>.json"),
        };
    }

    private JsonNode PoolContents(RestRequest request)
    {
        bool isVerbose = Flag(request, "verbose", byDefault: true);
        bool hasSequence = Flag(request, "mempool_sequence", byDefault: false);
        return isVerbose && hasSequence
            ? throw RestException.Bad(
                "Verbose results cannot contain mempool sequence values. (hint: set \"verbose=false\")")
            : Ask("getrawmempool", isVerbose, hasSequence);
    }

    private RestReply HashByHeight(string path)
    {
        RestFormat format = RestFormats.Split(path, out string text);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int height))
        {
            throw RestException.Bad($"Invalid height: {LineText.Escape(text)}");
        }

        uint256 hash = Tree.AtHeight(height)?.Hash ?? throw RestException.Missing("Block height out of range");

        // Hexadecimal digits use the byte order of hashes in text, not that of the bytes.
        return format == RestFormat.Hex
            ? RestFormats.Reply(format, () => [.. hash.ToBytes().Reverse()], json: null)
            : RestFormats.Reply(format, () => hash.ToBytes(), () => new JsonObject { ["blockhash"] = hash.ToString() });
    }

    /// <summary>A block of the active chain and the blocks after it; empty for other blocks.</summary>
    private List<ChainBlock> Following(string text, int count)
    {
        uint256 hash = Hash(text);
        lock (Tree.Gate)
        {
            List<ChainBlock> blocks = [];
            ChainBlock? block = Tree.Find(hash);
            while (block is not null && blocks.Count < count && Tree.IsActive(block))
            {
                blocks.Add(block);
                block = Tree.AtHeight(block.Height + 1);
            }

            return blocks;
        }
    }

    private JsonNode Ask(string method, params JsonNode?[] arguments)
        => _node.Rpc.Execute(method, new JsonArray(arguments), "/", "")!;

    private static int Count(string text)
    {
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count is >= 1 and <= MaxHeaders ? count
            : throw RestException.Bad($"Header count is invalid or out of acceptable range (1-{MaxHeaders}): {text}");
    }

    private static bool TryNumber(string? text, out ulong number)
        => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool Flag(RestRequest request, string name, bool byDefault) => request.Parameter(name) switch
    {
        null => byDefault,
        "true" => true,
        "false" => false,
        _ => throw RestException.Bad($"The \"{name}\" query parameter must be either \"true\" or \"false\"."),
    };
}
