using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Spending;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods about the coins and the balance of a wallet.</summary>
internal sealed class CoinCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Synced(
            "getbalance",
            "dummy:text? minconf:number? include_watchonly:bool? avoid_reuse:bool?",
            "Returns the total available balance.",
            Balance),
        rpc.Synced(
            "getbalances",
            "",
            $"Returns an object with all balances in {Currency.Names.Unit}.",
            (wallet, _) => Balances(wallet)),
        rpc.Synced(
            "getreceivedbyaddress",
            "address:text minconf:number? include_immature_coinbase:bool?",
            "Returns the total amount received by the given address in transactions with at least minconf "
                + "confirmations.",
            (wallet, call) => Received(wallet, call, byLabel: false)),
        rpc.Synced(
            "getreceivedbylabel",
            "label:text minconf:number? include_immature_coinbase:bool?",
            "Returns the total amount received by addresses with <label> in transactions with at least [minconf] "
                + "confirmations.",
            (wallet, call) => Received(wallet, call, byLabel: true)),
        rpc.Synced(
            "listunspent",
            "minconf:number? maxconf:number? addresses:list? include_unsafe:bool? "
                + "query_options:map?{minimumAmount,maximumAmount,maximumCount,minimumSumAmount,include_immature_coinbase}",
            "Returns array of unspent transaction outputs with between minconf and maxconf (inclusive) confirmations.",
            Unspent),
        rpc.Synced(
            "lockunspent",
            "unlock:bool transactions:list? persistent:bool?",
            "Updates list of temporarily unspendable outputs.",
            Lock),
        rpc.Held(
            "listlockunspent",
            "",
            "Returns list of temporarily unspendable outputs.",
            (wallet, _) => new JsonArray([.. wallet.Ledger.LockedCoins.Select(
                static coin => new JsonObject { ["txid"] = coin.Hash.ToString(), ["vout"] = (long)coin.N })])),
        rpc.Held(
            "simulaterawtransaction",
            "rawtxs:list? options:map?{include_watchonly}",
            "Calculate the balance change resulting in the signing and broadcasting of the given transaction(s).",
            Simulate),
    ];

    private static JsonNode Balance(DescriptorWallet wallet, RpcCall call)
    {
        if (call.Text(0, "*") != "*")
        {
            throw new RpcException(
                RpcErrorCode.MethodDeprecated, "dummy first argument must be excluded or set to \"*\".");
        }

        return Args.Value(wallet.Funds.GetBalance(call.Int(1), WalletRpc.AvoidsReuse(wallet, call.Params[3])).Trusted);
    }

    private static JsonObject Balances(DescriptorWallet wallet)
    {
        Balance balance = wallet.Funds.GetBalance(0, avoidsReuse: true, withNonMempool: true);
        JsonObject mine = new()
        {
            ["trusted"] = Args.Value(balance.Trusted),
            ["untrusted_pending"] = Args.Value(balance.Pending),
            ["immature"] = Args.Value(balance.Immature),
            ["nonmempool"] = Args.Value(balance.NonMempool),
        };
        if (wallet.Has(WalletFlags.AvoidReuse))
        {
            mine["used"] = Args.Value(balance.Used);
        }

        return new JsonObject { ["mine"] = mine, ["lastprocessedblock"] = WalletRpc.LastBlock(wallet) };
    }

    private JsonNode Received(DescriptorWallet wallet, RpcCall call, bool byLabel)
    {
        HashSet<Script> scripts;
        if (byLabel)
        {
            string label = Args.Label(call.Params[0]);
            scripts = [.. wallet.Book.Entries.Where(pair => pair.Value.Label == label).Select(static pair => pair.Key)];
            if (scripts.Count == 0)
            {
                throw new RpcException(RpcErrorCode.Wallet, "Label not found in wallet");
            }
        }
        else
        {
            scripts = [rpc.ScriptOf(call.Text(0))];
        }

        scripts.RemoveWhere(script => !wallet.Keys.IsMine(script));
        if (scripts.Count == 0)
        {
            throw new RpcException(RpcErrorCode.Wallet, "Address not found in wallet");
        }

        int least = call.Int(1, 1);
        bool withImmature = call.Bool(2);
        return Args.Value(wallet.Ledger.InOrder
            .Where(transaction => Counts(wallet, transaction, least, withImmature))
            .Sum(transaction => transaction.Transaction.Outputs
                .Where(output => scripts.Contains(output.ScriptPubKey))
                .Sum(static output => output.Value.Satoshi)));
    }

    internal static bool Counts(DescriptorWallet wallet, WalletTransaction transaction, int least, bool withImmature)
    {
        int depth = wallet.Ledger.DepthOf(transaction);
        return depth >= least
            && !(transaction.IsCoinbase && depth < 1)
            && (withImmature || !wallet.Ledger.IsImmature(transaction));
    }

    private JsonArray Unspent(DescriptorWallet wallet, RpcCall call)
    {
        HashSet<Script> wanted = [];
        foreach (JsonNode? address in call.Has(2) ? RpcValues.List(call.Params[2]) : [])
        {
            string text = RpcValues.Text(address);
            if (!wanted.Add(rpc.ScriptOf(text, $"Invalid {Currency.Names.Currency} address: {text}")))
            {
                throw Args.Invalid($"Invalid parameter, duplicated address: {text}");
            }
        }

        CoinWish wish = new() { MinAmount = 0, ChecksVersion = false };
        if (call.Has(4))
        {
            JsonObject options = call.Options(4);
            Args.Check(
                options,
                ("minimumAmount", null),
                ("maximumAmount", null),
                ("minimumSumAmount", null),
                ("maximumCount", "number"),
                ("include_immature_coinbase", "bool"));
            wish = wish with
            {
                MinAmount = options.IsSet("minimumAmount") ? RpcValues.Amount(options["minimumAmount"]) : 0,
                MaxAmount = options.IsSet("maximumAmount")
                    ? RpcValues.Amount(options["maximumAmount"])
                    : wish.MaxAmount,
                MinSum = options.IsSet("minimumSumAmount") ? RpcValues.Amount(options["minimumSumAmount"]) : null,
                MaxCount = options.IsSet("maximumCount") ? RpcValues.Long(options["maximumCount"]) : 0,
                IncludesImmature = options.IsSet("include_immature_coinbase")
                    && RpcValues.Bool(options["include_immature_coinbase"]),
            };
        }

        CoinControl control = new()
        {
            AvoidsReuse = false,
            MinDepth = call.Int(0, 1),
            MaxDepth = call.Int(1, 9_999_999),
            IncludesUnsafe = call.Bool(3, byDefault: true),
        };
        return new JsonArray([.. wallet.Coins.Find(control, null, wish)
            .Where(coin => wanted.Count == 0 || wanted.Contains(coin.Output.ScriptPubKey))
            .Select(coin => Describe(wallet, coin))]);
    }

    private JsonObject Describe(DescriptorWallet wallet, Candidate coin)
    {
        Script script = coin.Output.ScriptPubKey;
        JsonObject entry = new() { ["txid"] = coin.Id.Hash.ToString(), ["vout"] = (long)coin.Id.N };
        SolvingData? data = wallet.Keys.Solve(script);
        if (rpc.AddressOf(script) is { } address)
        {
            entry["address"] = address;
            if (wallet.Book.Find(script) is { } known)
            {
                entry["label"] = known.Label;
            }

            ScriptKind kind = ScriptKinds.Of(script);
            if (kind == ScriptKind.ScriptHash && data?.Inner(script) is { } redeem)
            {
                entry["redeemScript"] = redeem.ToHex();
                if (ScriptKinds.Of(redeem) == ScriptKind.WitnessScriptHash && data.Inner(redeem) is { } nested)
                {
                    entry["witnessScript"] = nested.ToHex();
                }
            }
            else if (kind == ScriptKind.WitnessScriptHash && data?.Inner(script) is { } witness)
            {
                entry["witnessScript"] = witness.ToHex();
            }
        }

        entry["scriptPubKey"] = script.ToHex();
        entry["amount"] = Args.Value(coin.Value);
        entry["confirmations"] = coin.Depth;
        if (coin.Depth == 0)
        {
            rpc.Chain.GetTransactionAncestry(coin.Id.Hash, out long ancestors, out _, out long? size, out Money? fees);
            if (ancestors > 0)
            {
                entry["ancestorcount"] = ancestors;
                entry["ancestorsize"] = size;
                entry["ancestorfees"] = fees!.Satoshi;
            }
        }

        entry["spendable"] = true;
        entry["solvable"] = coin.IsSolvable;
        if (coin.IsSolvable && wallet.Keys.Owners(script) is [DescriptorKeys owner, ..])
        {
            entry["desc"] = owner.Descriptor.DescribeAt((uint)owner.IndexOf(script)!.Value, script, rpc.Network);
        }

        entry["parent_descs"] = rpc.Parents(wallet, script);
        if (wallet.Has(WalletFlags.AvoidReuse))
        {
            entry["reused"] = wallet.Book.WasSpentFrom(script);
        }

        entry["safe"] = coin.IsSafe;
        return entry;
    }

    private static JsonNode Lock(DescriptorWallet wallet, RpcCall call)
    {
        bool unlocks = call.Bool(0);
        bool persists = call.Bool(2);
        if (!call.Has(1))
        {
            if (unlocks)
            {
                wallet.Ledger.UnlockAll();
            }

            return true;
        }

        List<OutPoint> coins = [];
        foreach (JsonNode? item in RpcValues.List(call.Params[1]))
        {
            JsonObject one = RpcValues.Map(item);
            foreach ((string name, string type) in (ReadOnlySpan<(string, string)>)
                [("txid", "string"), ("vout", "number")])
            {
                if (!one.ContainsKey(name))
                {
                    throw Args.Error(RpcErrorCode.Type, $"Missing {name}");
                }

                if (RpcValues.TypeOf(one[name]) != type)
                {
                    throw Args.Error(
                        RpcErrorCode.Type,
                        $"JSON value of type {RpcValues.TypeOf(one[name])} for field {name} is not of expected type "
                            + type);
                }
            }

            uint256 txid = RpcValues.Hash(one["txid"], "txid");
            int index = RpcValues.Int(one["vout"]);
            if (index < 0)
            {
                throw Args.Invalid("Invalid parameter, vout cannot be negative");
            }

            OutPoint coin = new(txid, index);
            WalletTransaction owner = wallet.Ledger.Find(txid)
                ?? throw Args.Invalid("Invalid parameter, unknown transaction");
            bool isLocked = wallet.Ledger.IsLocked(coin);
            string? wrong = index >= owner.Transaction.Outputs.Count ? "Invalid parameter, vout index out of bounds"
                : wallet.Ledger.IsSpent(coin) ? "Invalid parameter, expected unspent output"
                : unlocks && !isLocked ? "Invalid parameter, expected locked output"
                : !unlocks && isLocked && !persists ? "Invalid parameter, output already locked"
                : null;
            if (wrong is not null)
            {
                throw Args.Invalid(wrong);
            }

            coins.Add(coin);
        }

        coins.ForEach(coin =>
        {
            if (unlocks)
            {
                wallet.Ledger.UnlockCoin(coin);
            }
            else
            {
                wallet.Ledger.LockCoin(coin, persists);
            }
        });
        return true;
    }

    private JsonObject Simulate(DescriptorWallet wallet, RpcCall call)
    {
        long change = 0;
        Dictionary<OutPoint, long> made = [];
        HashSet<OutPoint> spent = [];
        foreach (JsonNode? hex in call.Has(0) ? RpcValues.List(call.Params[0]) : [])
        {
            Transaction transaction = rpc.Transaction(RpcValues.Text(hex), "Transaction hex string decoding failure.");
            Dictionary<OutPoint, Interfaces.Coin?> coins = transaction.Inputs
                .Select(static input => input.PrevOut)
                .Distinct()
                .ToDictionary(static id => id, static _ => (Interfaces.Coin?)null);
            rpc.Chain.FindCoins(ref coins);
            foreach (TxIn input in transaction.Inputs)
            {
                if (!spent.Add(input.PrevOut))
                {
                    throw Args.Invalid("Transaction(s) are spending the same output more than once");
                }

                if (made.Remove(input.PrevOut, out long own))
                {
                    change -= own;
                }
                else if (coins[input.PrevOut] is null)
                {
                    throw Args.Invalid("One or more transaction inputs are missing or have been spent already");
                }
                else
                {
                    change -= wallet.Ledger.Outputs.TryGetValue(input.PrevOut, out WalletTransaction? owner)
                        ? owner.Transaction.Outputs[(int)input.PrevOut.N].Value.Satoshi
                        : 0;
                }
            }

            for (int i = 0; i < transaction.Outputs.Count; i++)
            {
                long value = wallet.Keys.IsMine(transaction.Outputs[i].ScriptPubKey)
                    ? transaction.Outputs[i].Value.Satoshi
                    : 0;
                made[new OutPoint(transaction.GetHash(), i)] = value;
                change += value;
            }
        }

        return new JsonObject { ["balance_change"] = Args.Value(change) };
    }
}
