using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods about the transactions of a wallet.</summary>
internal sealed class TransactionCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Synced(
            "listtransactions",
            "label|dummy:text? count:number? skip:number? include_watchonly:bool?",
            "If a label name is provided, this will return only incoming transactions paying to addresses with the "
                + "specified label.",
            List),
        rpc.Synced(
            "listsinceblock",
            "blockhash:text? target_confirmations:number? include_watchonly:bool? include_removed:bool? "
                + "include_change:bool? label:text?",
            "Get all transactions in blocks since block [blockhash], or all transactions if omitted.",
            Since),
        rpc.Synced(
            "gettransaction",
            "txid:text include_watchonly:bool? verbose:bool?",
            "Get detailed information about in-wallet transaction <txid>",
            Get),
        rpc.Synced("abandontransaction", "txid:text", "Mark in-wallet transaction <txid> as abandoned.", Abandon),
    ];

    private static WalletTransaction Find(DescriptorWallet wallet, RpcCall call)
    {
        return wallet.Ledger.Find(RpcValues.Hash(call.Params[0], "txid"))
            ?? throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Invalid or non-wallet transaction id");
    }

    private JsonArray List(DescriptorWallet wallet, RpcCall call)
    {
        string? label = null;
        if (call.Has(0) && call.Text(0) != "*")
        {
            label = Args.Label(call.Params[0]);
            if (label.Length == 0)
            {
                throw Args.Invalid("Label argument must be a valid label name or \"*\".");
            }
        }

        int count = call.Int(1, 10);
        int skip = call.Int(2);
        if (count < 0 || skip < 0)
        {
            throw Args.Invalid(count < 0 ? "Negative count" : "Negative from");
        }

        List<JsonNode?> all = [];
        foreach (WalletTransaction transaction in wallet.Ledger.NewestFirst)
        {
            Add(wallet, transaction, 0, isLong: true, all, label, withChange: false);
            if (all.Count >= (long)count + skip)
            {
                break;
            }
        }

        return new JsonArray([.. all.Skip(skip).Take(count).Reverse()]);
    }

    private JsonObject Since(DescriptorWallet wallet, RpcCall call)
    {
        int? height = null;
        int? other = null;
        uint256 block = uint256.Zero;
        if (call.Has(0) && call.Text(0).Length > 0)
        {
            block = RpcValues.Hash(call.Params[0], "blockhash");
            if (!rpc.Chain.FindCommonAncestor(
                block,
                wallet.Ledger.Tip.Hash,
                BlockParts.Height,
                out FoundBlock? ancestor,
                out FoundBlock? first,
                out _))
            {
                throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Block not found");
            }

            height = ancestor!.Height;
            other = first!.Height;
        }

        int target = call.Int(1, 1);
        if (target < 1)
        {
            throw Args.Invalid("Invalid parameter");
        }

        bool withRemoved = call.Bool(3, byDefault: true);
        bool withChange = call.Bool(4);
        string? label = call.Has(5) ? Args.Label(call.Params[5]) : null;
        int depth = height is { } from ? wallet.Ledger.Tip.Height + 1 - from : -1;
        List<JsonNode?> transactions = [];
        foreach (WalletTransaction transaction in wallet.Ledger.InOrder)
        {
            if (depth == -1 || Math.Abs(wallet.Ledger.DepthOf(transaction)) < depth)
            {
                Add(wallet, transaction, 0, isLong: true, transactions, label, withChange);
            }
        }

        List<JsonNode?> removed = [];
        while (withRemoved && other > height)
        {
            if (!rpc.Chain.FindBlock(block, BlockParts.Data, out FoundBlock? found) || found!.Data is not { } data)
            {
                throw new RpcException(RpcErrorCode.InternalError, "Can't read block from disk");
            }

            foreach (Transaction transaction in data.Transactions)
            {
                if (wallet.Ledger.Find(transaction.GetHash()) is { } own)
                {
                    Add(wallet, own, -100_000_000, isLong: true, removed, label, withChange);
                }
            }

            block = data.Header.HashPrevBlock;
            other--;
        }

        target = Math.Min(target, wallet.Ledger.Tip.Height + 1);
        rpc.Chain.FindAncestorByHeight(
            wallet.Ledger.Tip.Hash, wallet.Ledger.Tip.Height + 1 - target, BlockParts.None, out FoundBlock? last);
        JsonObject reply = new() { ["transactions"] = new JsonArray([.. transactions]) };
        if (withRemoved)
        {
            reply["removed"] = new JsonArray([.. removed]);
        }

        reply["lastblock"] = last!.Hash.ToString();
        return reply;
    }

    private JsonObject Get(DescriptorWallet wallet, RpcCall call)
    {
        WalletTransaction transaction = Find(wallet, call);
        bool isFromMe = wallet.Ledger.IsFromMe(transaction.Transaction);
        long debit = wallet.Funds.DebitOf(transaction.Transaction);
        long fee = isFromMe ? Funds.ValueOf(transaction.Transaction) - debit : 0;
        JsonObject entry = new() { ["amount"] = Args.Value(wallet.Funds.CreditOf(transaction) - debit - fee) };
        if (isFromMe)
        {
            entry["fee"] = Args.Value(fee);
        }

        Describe(wallet, transaction, entry);
        List<JsonNode?> details = [];
        Add(wallet, transaction, 0, isLong: false, details, label: null, withChange: false);
        entry["details"] = new JsonArray([.. details]);
        entry["hex"] = Convert.ToHexStringLower(transaction.Transaction.ToBytes());
        if (call.Bool(2))
        {
            JsonObject decoded = (JsonObject)rpc.Chain.DescribeTransaction(transaction.Transaction);
            for (int i = 0; i < transaction.Transaction.Outputs.Count; i++)
            {
                if (wallet.Funds.IsChange(transaction.Transaction.Outputs[i].ScriptPubKey))
                {
                    decoded["vout"]![i]!["ischange"] = true;
                }
            }

            entry["decoded"] = decoded;
        }

        entry["lastprocessedblock"] = WalletRpc.LastBlock(wallet);
        return entry;
    }

    private static JsonNode? Abandon(DescriptorWallet wallet, RpcCall call)
    {
        return wallet.Ledger.Abandon(Find(wallet, call))
            ? null
            : throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Transaction not eligible for abandonment");
    }

    private void Add(
        DescriptorWallet wallet,
        WalletTransaction transaction,
        int least,
        bool isLong,
        List<JsonNode?> to,
        string? label,
        bool withChange)
    {
        wallet.Funds.Amounts(
            transaction, withChange, out List<Movement> sent, out List<Movement> received, out long fee);

        // Asked of the node once for all entries: a payment may have hundreds of outputs.
        JsonObject? details = null;
        foreach (Movement movement in label is null ? sent : [])
        {
            JsonObject entry = WithAddress(movement.Script);
            entry["category"] = "send";
            entry["amount"] = Args.Value(-movement.Amount);
            if (wallet.Book.Find(movement.Script) is { } known)
            {
                entry["label"] = known.Label;
            }

            entry["vout"] = movement.Index;
            entry["fee"] = Args.Value(-fee);
            if (isLong)
            {
                details ??= Details(wallet, transaction);
                Copy(details, entry);
            }

            entry["abandoned"] = transaction.IsAbandoned;
            to.Add(entry);
        }

        int depth = wallet.Ledger.DepthOf(transaction);
        foreach (Movement movement in depth >= least ? received : [])
        {
            AddressEntry? known = wallet.Book.Find(movement.Script);
            if (label is not null && (known?.Label ?? "") != label)
            {
                continue;
            }

            JsonObject entry = WithAddress(movement.Script);
            entry["parent_descs"] = rpc.Parents(wallet, movement.Script);
            entry["category"] = !transaction.IsCoinbase
                ? "receive"
                : depth < 1
                ? "orphan"
                : wallet.Ledger.IsImmature(transaction)
                ? "immature"
                : "generate";
            entry["amount"] = Args.Value(movement.Amount);
            if (known is not null)
            {
                entry["label"] = known.Label;
            }

            entry["vout"] = movement.Index;
            entry["abandoned"] = transaction.IsAbandoned;
            if (isLong)
            {
                details ??= Details(wallet, transaction);
                Copy(details, entry);
            }

            to.Add(entry);
        }
    }

    private JsonObject WithAddress(Script script)
        => rpc.AddressOf(script) is { } address ? new JsonObject { ["address"] = address } : [];

    private static void Copy(JsonObject from, JsonObject to)
    {
        foreach ((string name, JsonNode? value) in from)
        {
            to[name] = value?.DeepClone();
        }
    }

    private JsonObject Details(DescriptorWallet wallet, WalletTransaction transaction)
    {
        JsonObject details = [];
        Describe(wallet, transaction, details);
        return details;
    }

    private void Describe(DescriptorWallet wallet, WalletTransaction transaction, JsonObject entry)
    {
        entry["confirmations"] = wallet.Ledger.DepthOf(transaction);
        if (transaction.IsCoinbase)
        {
            entry["generated"] = true;
        }

        if (transaction.State is TransactionState.Confirmed confirmed)
        {
            entry["blockhash"] = confirmed.Block.ToString();
            entry["blockheight"] = confirmed.Height;
            entry["blockindex"] = confirmed.Position;
            entry["blocktime"] = rpc.Chain.FindBlock(confirmed.Block, BlockParts.Time, out FoundBlock? block)
                ? block!.Time
                : 0;
        }
        else
        {
            entry["trusted"] = wallet.Funds.IsTrusted(transaction);
        }

        uint256 hash = transaction.Transaction.GetWitHash();
        entry["txid"] = transaction.Id.ToString();
        entry["wtxid"] = hash.ToString();
        entry["alternate_wtxids"] = Args.Strings(
            transaction.Variants
                .Select(static variant => variant.GetWitHash())
                .Where(other => other != hash)
                .Select(static other => other.ToString()));
        entry["walletconflicts"] = Args.Strings(
            wallet.Ledger.ConflictsOf(transaction).Select(static id => id.ToString()));
        entry["mempoolconflicts"] = Args.Strings(
            transaction.MempoolConflicts.Order().Select(static id => id.ToString()));
        entry["time"] = transaction.Time;
        entry["timereceived"] = (long)transaction.ReceivedTime;
        if (rpc.Chain.GetSettingsList("deprecatedrpc").Contains("bip125"))
        {
            entry["bip125-replaceable"] = wallet.Ledger.DepthOf(transaction) > 0
                ? "no"
                : transaction.Transaction.Inputs.Exists(static input => input.Sequence.Value < 0xfffffffe)
                ? "yes"
                : transaction.IsInMempool
                ? "no"
                : "unknown";
        }

        AddText("comment", transaction.Comment);
        AddText("to", transaction.CommentTo);
        AddText("replaces_txid", transaction.Replaces?.ToString());
        AddText("replaced_by_txid", transaction.ReplacedBy?.ToString());

        void AddText(string name, string? text)
        {
            if (text is not null)
            {
                entry[name] = text;
            }
        }
    }
}
