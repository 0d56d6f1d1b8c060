using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bitcoin.Cli;

/// <summary>
/// Converts words into arguments. A word is text unless the method expects another type, which this list knows.
/// </summary>
internal static class CliArguments
{
    private const string Positional = "args";

    // By method: index and names of each argument that is not text.
    private static readonly HashSet<(string Method, int Index, string Name)> s_json =
    [
        ("addconnection", 2, "v2transport"),
        ("addnode", 2, "v2transport"),
        ("addpeeraddress", 1, "port"), ("addpeeraddress", 2, "tried"),
        ("bumpfee", 1, "options"), ("bumpfee", 1, "conf_target"), ("bumpfee", 1, "fee_rate"),
        ("bumpfee", 1, "replaceable"), ("bumpfee", 1, "outputs"), ("bumpfee", 1, "original_change_index"),
        ("combinepsbt", 0, "txs"),
        ("combinerawtransaction", 0, "txs"),
        ("converttopsbt", 1, "permitsigdata"), ("converttopsbt", 2, "iswitness"), ("converttopsbt", 3, "psbt_version"),
        ("createmultisig", 0, "nrequired"), ("createmultisig", 1, "keys"),
        ("createpsbt", 0, "inputs"), ("createpsbt", 1, "outputs"), ("createpsbt", 2, "locktime"),
        ("createpsbt", 3, "replaceable"), ("createpsbt", 4, "version"), ("createpsbt", 5, "psbt_version"),
        ("createrawtransaction", 0, "inputs"), ("createrawtransaction", 1, "outputs"),
        ("createrawtransaction", 2, "locktime"), ("createrawtransaction", 3, "replaceable"),
        ("createrawtransaction", 4, "version"),
        ("createwallet", 1, "disable_private_keys"), ("createwallet", 2, "blank"), ("createwallet", 4, "avoid_reuse"),
        ("createwallet", 5, "descriptors"), ("createwallet", 6, "load_on_startup"),
        ("createwallet", 7, "external_signer"),
        ("createwalletdescriptor", 1, "options"), ("createwalletdescriptor", 1, "internal"),
        ("decoderawtransaction", 1, "iswitness"),
        ("deriveaddresses", 1, "range"),
        ("derivehdkey", 1, "options"), ("derivehdkey", 1, "private"),
        ("descriptorprocesspsbt", 1, "descriptors"), ("descriptorprocesspsbt", 3, "bip32derivs"),
        ("descriptorprocesspsbt", 4, "finalize"),
        ("disconnectnode", 1, "nodeid"),
        ("dumptxoutset", 2, "options"), ("dumptxoutset", 2, "rollback"), ("dumptxoutset", 2, "in_memory"),
        ("echojson", 0, "arg0"), ("echojson", 1, "arg1"), ("echojson", 2, "arg2"), ("echojson", 3, "arg3"),
        ("echojson", 4, "arg4"), ("echojson", 5, "arg5"), ("echojson", 6, "arg6"), ("echojson", 7, "arg7"),
        ("echojson", 8, "arg8"), ("echojson", 9, "arg9"),
        ("estimaterawfee", 0, "conf_target"), ("estimaterawfee", 1, "threshold"),
        ("estimatesmartfee", 0, "conf_target"), ("estimatesmartfee", 2, "options"),
        ("finalizepsbt", 1, "extract"),
        ("fundrawtransaction", 1, "options"), ("fundrawtransaction", 1, "add_inputs"),
        ("fundrawtransaction", 1, "include_unsafe"), ("fundrawtransaction", 1, "minconf"),
        ("fundrawtransaction", 1, "maxconf"), ("fundrawtransaction", 1, "changePosition"),
        ("fundrawtransaction", 1, "includeWatching"), ("fundrawtransaction", 1, "lockUnspents"),
        ("fundrawtransaction", 1, "fee_rate"), ("fundrawtransaction", 1, "feeRate"),
        ("fundrawtransaction", 1, "subtractFeeFromOutputs"), ("fundrawtransaction", 1, "input_weights"),
        ("fundrawtransaction", 1, "conf_target"), ("fundrawtransaction", 1, "replaceable"),
        ("fundrawtransaction", 1, "solving_data"), ("fundrawtransaction", 1, "max_tx_weight"),
        ("fundrawtransaction", 2, "iswitness"),
        ("generateblock", 1, "transactions"), ("generateblock", 2, "submit"),
        ("generatetoaddress", 0, "nblocks"), ("generatetoaddress", 2, "maxtries"),
        ("generatetodescriptor", 0, "num_blocks"), ("generatetodescriptor", 2, "maxtries"),
        ("getbalance", 1, "minconf"), ("getbalance", 2, "include_watchonly"), ("getbalance", 3, "avoid_reuse"),
        ("getblock", 1, "verbosity"), ("getblock", 1, "verbose"),
        ("getblockfrompeer", 1, "peer_id"),
        ("getblockhash", 0, "height"),
        ("getblockheader", 1, "verbose"),
        ("getblockstats", 0, "hash_or_height"), ("getblockstats", 1, "stats"),
        ("getblocktemplate", 0, "template_request"),
        ("getchaintxstats", 0, "nblocks"),
        ("getdescriptoractivity", 0, "blockhashes"), ("getdescriptoractivity", 1, "scanobjects"),
        ("getdescriptoractivity", 2, "include_mempool"),
        ("gethdkeys", 0, "active_only"), ("gethdkeys", 0, "options"), ("gethdkeys", 0, "private"),
        ("getmempoolancestors", 1, "verbose"),
        ("getmempooldescendants", 1, "verbose"),
        ("getnetworkhashps", 0, "nblocks"), ("getnetworkhashps", 1, "height"),
        ("getnodeaddresses", 0, "count"),
        ("getopenrpcinfo", 0, "show_hidden"),
        ("getorphantxs", 0, "verbosity"),
        ("getrawmempool", 0, "verbose"), ("getrawmempool", 1, "mempool_sequence"),
        ("getrawtransaction", 1, "verbosity"), ("getrawtransaction", 1, "verbose"),
        ("getreceivedbyaddress", 1, "minconf"), ("getreceivedbyaddress", 2, "include_immature_coinbase"),
        ("getreceivedbylabel", 1, "minconf"), ("getreceivedbylabel", 2, "include_immature_coinbase"),
        ("gettransaction", 1, "include_watchonly"), ("gettransaction", 2, "verbose"),
        ("gettxout", 1, "n"), ("gettxout", 2, "include_mempool"),
        ("gettxoutproof", 0, "txids"),
        ("gettxoutsetinfo", 1, "hash_or_height"), ("gettxoutsetinfo", 2, "use_index"),
        ("gettxspendingprevout", 0, "outputs"), ("gettxspendingprevout", 1, "options"),
        ("gettxspendingprevout", 1, "mempool_only"), ("gettxspendingprevout", 1, "return_spending_tx"),
        ("importdescriptors", 0, "requests"),
        ("importmempool", 1, "options"), ("importmempool", 1, "apply_fee_delta_priority"),
        ("importmempool", 1, "use_current_time"), ("importmempool", 1, "apply_unbroadcast_set"),
        ("joinpsbts", 0, "txs"),
        ("keypoolrefill", 0, "newsize"),
        ("listdescriptors", 0, "private"),
        ("listreceivedbyaddress", 0, "minconf"), ("listreceivedbyaddress", 1, "include_empty"),
        ("listreceivedbyaddress", 2, "include_watchonly"), ("listreceivedbyaddress", 4, "include_immature_coinbase"),
        ("listreceivedbylabel", 0, "minconf"), ("listreceivedbylabel", 1, "include_empty"),
        ("listreceivedbylabel", 2, "include_watchonly"), ("listreceivedbylabel", 3, "include_immature_coinbase"),
        ("listsinceblock", 1, "target_confirmations"), ("listsinceblock", 2, "include_watchonly"),
        ("listsinceblock", 3, "include_removed"), ("listsinceblock", 4, "include_change"),
        ("listtransactions", 1, "count"), ("listtransactions", 2, "skip"), ("listtransactions", 3, "include_watchonly"),
        ("listunspent", 0, "minconf"), ("listunspent", 1, "maxconf"), ("listunspent", 2, "addresses"),
        ("listunspent", 3, "include_unsafe"), ("listunspent", 4, "query_options"), ("listunspent", 4, "minimumAmount"),
        ("listunspent", 4, "maximumAmount"), ("listunspent", 4, "maximumCount"), ("listunspent", 4, "minimumSumAmount"),
        ("listunspent", 4, "include_immature_coinbase"),
        ("loadwallet", 1, "load_on_startup"),
        ("lockunspent", 0, "unlock"), ("lockunspent", 1, "transactions"), ("lockunspent", 2, "persistent"),
        ("logging", 0, "include"), ("logging", 1, "exclude"),
        ("migratewallet", 2, "load_wallet"),
        ("mockscheduler", 0, "delta_time"),
        ("prioritisetransaction", 1, "dummy"), ("prioritisetransaction", 2, "fee_delta"),
        ("pruneblockchain", 0, "height"),
        ("psbtbumpfee", 1, "options"), ("psbtbumpfee", 1, "conf_target"), ("psbtbumpfee", 1, "fee_rate"),
        ("psbtbumpfee", 1, "replaceable"), ("psbtbumpfee", 1, "outputs"), ("psbtbumpfee", 1, "original_change_index"),
        ("psbtbumpfee", 1, "psbt_version"),
        ("rescanblockchain", 0, "start_height"), ("rescanblockchain", 1, "stop_height"),
        ("restorewallet", 2, "load_on_startup"),
        ("scanblocks", 1, "scanobjects"), ("scanblocks", 2, "start_height"), ("scanblocks", 3, "stop_height"),
        ("scanblocks", 5, "options"), ("scanblocks", 5, "filter_false_positives"),
        ("scantxoutset", 1, "scanobjects"),
        ("send", 0, "outputs"), ("send", 1, "conf_target"), ("send", 3, "fee_rate"), ("send", 4, "options"),
        ("send", 4, "add_inputs"), ("send", 4, "include_unsafe"), ("send", 4, "minconf"), ("send", 4, "maxconf"),
        ("send", 4, "add_to_wallet"), ("send", 4, "change_position"), ("send", 4, "fee_rate"),
        ("send", 4, "include_watching"), ("send", 4, "inputs"), ("send", 4, "locktime"), ("send", 4, "lock_unspents"),
        ("send", 4, "psbt"), ("send", 4, "subtract_fee_from_outputs"), ("send", 4, "conf_target"),
        ("send", 4, "replaceable"), ("send", 4, "solving_data"), ("send", 4, "max_tx_weight"), ("send", 5, "version"),
        ("sendall", 0, "recipients"), ("sendall", 1, "conf_target"), ("sendall", 3, "fee_rate"),
        ("sendall", 4, "options"), ("sendall", 4, "add_to_wallet"), ("sendall", 4, "fee_rate"),
        ("sendall", 4, "include_watching"), ("sendall", 4, "inputs"), ("sendall", 4, "locktime"),
        ("sendall", 4, "lock_unspents"), ("sendall", 4, "psbt"), ("sendall", 4, "send_max"), ("sendall", 4, "minconf"),
        ("sendall", 4, "maxconf"), ("sendall", 4, "conf_target"), ("sendall", 4, "replaceable"),
        ("sendall", 4, "solving_data"), ("sendall", 4, "version"),
        ("sendmany", 1, "amounts"), ("sendmany", 2, "minconf"), ("sendmany", 4, "subtractfeefrom"),
        ("sendmany", 8, "fee_rate"), ("sendmany", 9, "verbose"),
        ("sendmsgtopeer", 0, "peer_id"),
        ("sendrawtransaction", 1, "maxfeerate"), ("sendrawtransaction", 2, "maxburnamount"),
        ("sendtoaddress", 1, "amount"), ("sendtoaddress", 4, "subtractfeefromamount"),
        ("sendtoaddress", 8, "avoid_reuse"), ("sendtoaddress", 9, "fee_rate"), ("sendtoaddress", 10, "verbose"),
        ("setban", 2, "bantime"), ("setban", 3, "absolute"),
        ("setmocktime", 0, "timestamp"),
        ("setnetworkactive", 0, "state"),
        ("setwalletflag", 1, "value"),
        ("signrawtransactionwithkey", 1, "privkeys"), ("signrawtransactionwithkey", 2, "prevtxs"),
        ("signrawtransactionwithwallet", 1, "prevtxs"),
        ("simulaterawtransaction", 0, "rawtxs"), ("simulaterawtransaction", 1, "options"),
        ("simulaterawtransaction", 1, "include_watchonly"),
        ("stop", 0, "wait"),
        ("submitpackage", 0, "package"), ("submitpackage", 1, "maxfeerate"), ("submitpackage", 2, "maxburnamount"),
        ("testmempoolaccept", 0, "rawtxs"), ("testmempoolaccept", 1, "maxfeerate"),
        ("unloadwallet", 1, "load_on_startup"),
        ("utxoupdatepsbt", 1, "descriptors"),
        ("verifychain", 0, "checklevel"), ("verifychain", 1, "nblocks"),
        ("waitforblock", 1, "timeout"),
        ("waitforblockheight", 0, "height"), ("waitforblockheight", 1, "timeout"),
        ("waitfornewblock", 0, "timeout"),
        ("walletcreatefundedpsbt", 0, "inputs"), ("walletcreatefundedpsbt", 1, "outputs"),
        ("walletcreatefundedpsbt", 2, "locktime"), ("walletcreatefundedpsbt", 3, "options"),
        ("walletcreatefundedpsbt", 3, "add_inputs"), ("walletcreatefundedpsbt", 3, "include_unsafe"),
        ("walletcreatefundedpsbt", 3, "minconf"), ("walletcreatefundedpsbt", 3, "maxconf"),
        ("walletcreatefundedpsbt", 3, "changePosition"), ("walletcreatefundedpsbt", 3, "includeWatching"),
        ("walletcreatefundedpsbt", 3, "lockUnspents"), ("walletcreatefundedpsbt", 3, "fee_rate"),
        ("walletcreatefundedpsbt", 3, "feeRate"), ("walletcreatefundedpsbt", 3, "subtractFeeFromOutputs"),
        ("walletcreatefundedpsbt", 3, "conf_target"), ("walletcreatefundedpsbt", 3, "replaceable"),
        ("walletcreatefundedpsbt", 3, "solving_data"), ("walletcreatefundedpsbt", 3, "max_tx_weight"),
        ("walletcreatefundedpsbt", 4, "bip32derivs"), ("walletcreatefundedpsbt", 5, "version"),
        ("walletcreatefundedpsbt", 6, "psbt_version"),
        ("walletpassphrase", 1, "timeout"),
        ("walletprocesspsbt", 1, "sign"), ("walletprocesspsbt", 3, "bip32derivs"), ("walletprocesspsbt", 4, "finalize"),
    ];

    // By method: number and name of each argument of text in which a "=" may stand.
    private static readonly HashSet<(string Method, int Index, string Name)> s_text =
    [
        ("analyzepsbt", 0, "psbt"), ("backupwallet", 0, "destination"), ("createwallet", 0, "wallet_name"),
        ("createwallet", 3, "passphrase"), ("decodepsbt", 0, "psbt"), ("descriptorprocesspsbt", 0, "psbt"),
        ("descriptorprocesspsbt", 2, "sighashtype"), ("dumptxoutset", 0, "path"), ("dumptxoutset", 1, "type"),
        ("echoipc", 0, "arg"), ("encryptwallet", 0, "passphrase"), ("finalizepsbt", 0, "psbt"),
        ("getaddressesbylabel", 0, "label"), ("getnewaddress", 0, "label"), ("getnewaddress", 1, "address_type"),
        ("getreceivedbylabel", 0, "label"), ("importmempool", 0, "filepath"), ("listsinceblock", 0, "blockhash"),
        ("listsinceblock", 5, "label"), ("listtransactions", 0, "label"), ("loadtxoutset", 0, "path"),
        ("loadwallet", 0, "filename"), ("migratewallet", 0, "wallet_name"), ("migratewallet", 1, "passphrase"),
        ("restorewallet", 0, "wallet_name"), ("restorewallet", 1, "backup_file"), ("sendmany", 0, "dummy"),
        ("sendmany", 3, "comment"), ("sendmany", 7, "estimate_mode"), ("sendtoaddress", 0, "address"),
        ("sendtoaddress", 2, "comment"), ("sendtoaddress", 3, "comment_to"), ("sendtoaddress", 7, "estimate_mode"),
        ("setlabel", 1, "label"), ("signmessage", 1, "message"), ("signmessagewithprivkey", 1, "message"),
        ("unloadwallet", 0, "wallet_name"), ("utxoupdatepsbt", 0, "psbt"), ("verifymessage", 1, "signature"),
        ("verifymessage", 2, "message"), ("walletpassphrase", 0, "passphrase"),
        ("walletpassphrasechange", 0, "oldpassphrase"), ("walletpassphrasechange", 1, "newpassphrase"),
        ("walletprocesspsbt", 0, "psbt"), ("walletprocesspsbt", 2, "sighashtype"),
    ];

    // Those that may also be text.
    private static readonly HashSet<(string Method, int Index)> s_either =
    [
        ("dumptxoutset", 2), ("getblockstats", 0), ("gettxoutsetinfo", 1),
    ];

    internal static JsonArray ByPosition(string method, IEnumerable<string> words)
    {
        return
        [
            .. words.Select(
                (word, i) => s_json.Any(
                    entry => entry.Method == method && entry.Index == i) ? Parse(method, i, word) : word),
        ];
    }

    internal static JsonObject ByName(string method, IEnumerable<string> words)
    {
        JsonObject named = [];
        List<string> positional = [];
        foreach (string word in words)
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || IsWhole(method, positional.Count, word[..equals], word))
            {
                positional.Add(word);
                continue;
            }

            string name = word[..equals];
            string value = word[(equals + 1)..];
            (string Method, int Index, string Name) found = s_json.FirstOrDefault(
                entry => entry.Method == method && entry.Name == name);
            named[name] = found.Method is null ? value : Parse(method, found.Index, value);
        }

        if (positional.Count > 0)
        {
            if (named.ContainsKey(Positional))
            {
                throw new CliException(
                    "error code: -8\nerror message:\nParameter args specified multiple times", code: 8);
            }

            named[Positional] = ByPosition(method, positional);
        }

        return named;
    }

    /// <summary>
    /// Whether a word with a "=" is not a name and a value, but text or JSON that contains a "=":
    /// the method has no argument of that name, and the next argument by position may contain one.
    /// </summary>
    private static bool IsWhole(string method, int index, string name, string word)
    {
        return !s_json.Concat(s_text).Any(entry => entry.Method == method && entry.Name == name)
            && (s_text.Any(entry => entry.Method == method && entry.Index == index)
                || (s_json.Any(entry => entry.Method == method && entry.Index == index)
                    && word.TrimStart() is ['[' or '{' or '"', ..]
                    && TryParse(word)));
    }

    private static bool TryParse(string text)
    {
        try
        {
            _ = JsonNode.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonNode? Parse(string method, int index, string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return s_either.Contains((method, index)) ? text : throw new CliException($"Error parsing JSON: {text}");
        }
    }
}
