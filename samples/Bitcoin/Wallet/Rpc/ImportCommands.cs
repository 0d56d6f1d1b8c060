using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods that import descriptors.</summary>
internal sealed class ImportCommands(WalletRpc rpc)
{
    private const long Window = 2 * 60 * 60;
    private const long MaxRange = 1_000_000;

    internal IEnumerable<RpcCommand> All =>
    [
        // The error of a request can repeat its descriptor.
        WalletRpc.Secret(rpc.Of(
            "importdescriptors",
            "requests:list!",
            "Import descriptors. This will trigger a rescan of the blockchain based on the earliest timestamp of all "
                + "descriptors being imported.",
            Import)),
    ];

    private JsonNode Import(DescriptorWallet wallet, RpcCall call)
    {
        using IDisposable reservation = wallet.Scan.Reserve(needsKeys: true)
            ?? throw new RpcException(
                RpcErrorCode.Wallet, "Wallet is currently rescanning. Abort existing rescan or wait.");
        rpc.Sync(wallet);
        JsonArray requests = RpcValues.List(call.Params[0]);
        List<JsonObject> results = [];
        bool rescans = false;
        long now;
        long lowest;
        lock (wallet.Gate)
        {
            WalletRpc.MustBeUnlocked(wallet);
            rpc.Chain.FindBlock(wallet.Ledger.Tip.Hash, BlockParts.Time | BlockParts.MedianTime, out FoundBlock? tip);
            lowest = tip?.Time ?? 0;
            now = tip?.MedianTime ?? 0;
            foreach (JsonNode? item in requests)
            {
                JsonObject request = RpcValues.Map(item);
                long time = Math.Max(Timestamp(request, now), 1);
                JsonObject result = One(wallet, request, time);
                results.Add(result);
                lowest = Math.Min(lowest, time);
                rescans |= result["success"]!.GetValue<bool>();
            }

            wallet.Ledger.RefreshOutputs();
        }

        return rescans ? Rescan(wallet, requests, results, lowest, now) : new JsonArray([.. results]);
    }

    private JsonArray Rescan(
        DescriptorWallet wallet, JsonArray requests, List<JsonObject> results, long lowest, long now)
    {
        RescanEnd end = RescanEnd.Done;
        if (rpc.Chain.FindFirstBlockWithTimeAndHeight(lowest - Window, 0, BlockParts.Height, out FoundBlock? first))
        {
            end = wallet.Scan.Run(first!.Hash, first.Height!.Value, null);
        }

        lock (wallet.Gate)
        {
            wallet.Broadcast.Resubmit(relays: false, all: true, 0);
        }

        if (end == RescanEnd.Aborted)
        {
            throw new RpcException(RpcErrorCode.Misc, "Rescan aborted by user.");
        }

        if (end == RescanEnd.Failed
            && wallet.Scan.FailedBlock is { } failed
            && rpc.Chain.FindBlock(failed, BlockParts.MaxTime, out FoundBlock? block))
        {
            long scanned = block!.MaxTime!.Value + Window + 1;
            for (int i = 0; i < results.Count; i++)
            {
                long time = Timestamp((JsonObject)requests[i]!, now);
                if (scanned > time && !results[i].ContainsKey("error"))
                {
                    results[i] = Failure(time, scanned);
                }
            }
        }

        return new JsonArray([.. results]);
    }

    private JsonObject Failure(long time, long scanned)
    {
        string text =
            $"Rescan failed for descriptor with timestamp {time}. There was an error reading a block from time "
                + $"{scanned - Window - 1}, which is after or within {Window} seconds of key creation, and could "
                + $"contain transactions pertaining to the desc. "
            + "As a result, transactions and coins using this desc may not appear in the wallet."
            + (rpc.Chain.GetPruneHeight() is not null
                ? $" This error could be caused by pruning or data corruption (see {Currency.Names.Daemon} log for details) and could "
                    + "be dealt with by downloading and rescanning the relevant blocks (see -reindex option and "
                    + "rescanblockchain RPC)."
                : " This error could potentially caused by data corruption. If the issue persists you may want to reindex (see -reindex option).");
        return new JsonObject
        {
            ["success"] = false,
            ["error"] = new JsonObject { ["code"] = RpcErrorCode.Misc, ["message"] = text },
        };
    }

    private static long Timestamp(JsonObject request, long now)
    {
        JsonNode? time = request["timestamp"];
        return !request.ContainsKey("timestamp") ? throw new RpcException(
            RpcErrorCode.Type, "Missing required timestamp field for key")
            : RpcValues.TypeOf(time) == "number" ? RpcValues.Long(time)
            : RpcValues.TypeOf(time) == "string" && RpcValues.Text(time) == "now" ? now
            : throw new RpcException(
                RpcErrorCode.Type,
                $"Expected number or \"now\" timestamp value for key. got type {RpcValues.TypeOf(time)}");
    }

    private JsonObject One(DescriptorWallet wallet, JsonObject request, long time)
    {
        List<string> warnings = [];
        JsonObject result = [];
        try
        {
            Take(wallet, request, time, warnings);
            result["success"] = true;
        }
        catch (RpcException exception)
        {
            result["success"] = false;
            result["error"] = new JsonObject { ["code"] = exception.Code, ["message"] = exception.Message };
        }

        if (warnings.Count > 0)
        {
            result["warnings"] = Args.Strings(warnings);
        }

        return result;
    }

    private void Take(DescriptorWallet wallet, JsonObject request, long time, List<string> warnings)
    {
        if (!request.ContainsKey("desc"))
        {
            throw Args.Invalid("Descriptor not found.");
        }

        string text = RpcValues.Text(request["desc"]);
        bool isActive = request.ContainsKey("active") && RpcValues.Bool(request["active"]);
        string label = Args.Label(request["label"]);
        if (!Descriptor.TryParseAll(
            text, rpc.Network, needsChecksum: true, out IReadOnlyList<Descriptor> all, out string error))
        {
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, error);
        }

        if (request.ContainsKey("internal") && all.Count > 1)
        {
            throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, "Cannot have multipath descriptor while also specifying 'internal'");
        }

        bool isInternal = request.ContainsKey("internal") && RpcValues.Bool(request["internal"]);
        Descriptor first = all[0];
        (int start, int end, int next) = Range(wallet, request, first, warnings);
        string? wrong = isActive && !first.IsRange ? "Active descriptors must be ranged"
            : all.Count > 1 && request.ContainsKey("label") ? "Multipath descriptors should not have a label"
            : first.IsRange && request.ContainsKey("label") ? "Ranged descriptors should not have a label"
            : isInternal && request.ContainsKey("label") ? "Internal addresses should not have a label"
            : null;
        if (wrong is not null)
        {
            throw Args.Invalid(wrong);
        }

        if (isActive && !first.IsSingleType)
        {
            throw new RpcException(RpcErrorCode.Wallet, "Combo descriptors cannot be set to active");
        }

        Key[] secrets =
            [
                .. all.SelectMany(static one => one.Keys)
                    .Select(static key => key.RootSecret)
                    .OfType<Key>()
                    .DistinctBy(static key => key.PubKey),
            ];
        if (!wallet.HasPrivateKeys && secrets.Length > 0)
        {
            throw new RpcException(
                RpcErrorCode.Wallet, "Cannot import private keys to a wallet with private keys disabled");
        }

        if (first.IsUnused)
        {
            CheckUnused(wallet, first);
        }

        for (int i = 0; i < all.Count; i++)
        {
            Add(
                wallet,
                text,
                all[i],
                new DescriptorRecord("", (ulong)time, next, start, end),
                secrets,
                label,
                isActive,
                all.Count == 2 ? i == 1 : isInternal,
                warnings);
        }
    }

    /// <summary>Refuses an unused() descriptor that the wallet cannot import.</summary>
    private static void CheckUnused(DescriptorWallet wallet, Descriptor descriptor)
    {
        if (!wallet.HasPrivateKeys)
        {
            throw new RpcException(
                RpcErrorCode.Wallet, "Cannot import unused() to wallet without private keys enabled");
        }

        if (descriptor.Keys.Any(key => key.RootSecret is { } secret && wallet.Keys.HasSecret(secret.PubKey)))
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                "Cannot import an unused() descriptor when its private key is already in the wallet");
        }
    }

    private void Add(
        DescriptorWallet wallet,
        string text,
        Descriptor given,
        DescriptorRecord record,
        Key[] secrets,
        string label,
        bool isActive,
        bool isInternal,
        List<string> warnings)
    {
        if (!CanExpand(given))
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                "Cannot expand descriptor. Probably because of hardened derivations without private keys provided");
        }

        warnings.AddRange(given.Warnings);
        if (wallet.HasPrivateKeys)
        {
            if (secrets.Length == 0)
            {
                throw new RpcException(
                    RpcErrorCode.Wallet,
                    "Cannot import descriptor without private keys to a wallet with private keys enabled");
            }

            if (!given.Keys.All(static key => key.HasPrivateKey))
            {
                warnings.Add("Not all private keys provided. Some wallet functionality may return unexpected errors");
            }
        }

        // The descriptor without private keys. They are stored apart from it.
        Descriptor.TryParse(given.ToString(), rpc.Network, needsChecksum: false, out Descriptor? descriptor, out _);
        if (wallet.Keys.Import(descriptor!, record, secrets, out string error) is not { } keys)
        {
            throw new RpcException(RpcErrorCode.Wallet, $"Could not add descriptor '{text}': {error}");
        }

        if (!given.IsRange && !isInternal)
        {
            foreach (Script script in keys.Scripts.Where(
                script => Address.Format(
                    script, rpc.Network) is not null && ScriptKinds.Of(script) != ScriptKind.PublicKey))
            {
                wallet.Book.Set(script, label, AddressBook.Receive);
            }
        }

        if (isActive && given.OutputType is { } type)
        {
            wallet.Keys.SetActive(keys, type, isInternal);
        }
        else if (isActive)
        {
            warnings.Add("Unknown output type, cannot set descriptor to active.");
        }
        else if (given.OutputType is { } old)
        {
            wallet.Keys.SetInactive(keys, old, isInternal);
        }
    }

    private static bool CanExpand(Descriptor descriptor)
    {
        try
        {
            // unused() has no script, but nothing that cannot be derived either.
            return descriptor.Expand(0).All(static _ => true);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static (int Start, int End, int Next) Range(
        DescriptorWallet wallet, JsonObject request, Descriptor descriptor, List<string> warnings)
    {
        if (!descriptor.IsRange)
        {
            return request.ContainsKey("range")
                ? throw Args.Invalid("Range should not be specified for an un-ranged descriptor")
                : (0, 1, 0);
        }

        (long start, long end) = (0, wallet.Options.KeyPool);
        if (request.ContainsKey("range"))
        {
            (start, end) = Parse(request["range"]);
            end++;
        }
        else
        {
            warnings.Add("Range not given, using default keypool range");
        }

        long next = start;
        if (request.ContainsKey("next_index"))
        {
            next = RpcValues.Long(request["next_index"]);
            if (next < start || next >= end)
            {
                throw Args.Invalid("next_index is out of range");
            }
        }

        return ((int)start, (int)end, (int)next);
    }

    private static (long Start, long End) Parse(JsonNode? range)
    {
        (long start, long end) = RpcValues.TypeOf(range) switch
        {
            "number" => (0, RpcValues.Long(range)),
            "array" when range is JsonArray { Count: 2 } pair => (RpcValues.Long(pair[0]), RpcValues.Long(pair[1])),
            "array" => throw Args.Invalid("Range must be specified as [begin,end]"),
            _ => throw Args.Invalid("Range must be specified as end or as [begin,end]"),
        };
        string? wrong = RpcValues.TypeOf(range) == "array"
            && start > end ? "Range specified as [begin,end] must not have begin after end"
            : start < 0 ? "Range should be greater or equal than 0"
            : end >> 31 != 0 ? "End of range is too high"
            : end >= start + MaxRange ? "Range is too large"
            : null;
        return wrong is null ? (start, end) : throw Args.Invalid(wrong);
    }
}
