using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>
/// All options of Bitcoin Core's node. Some of them have no effect here; the node then says so at its start.
/// </summary>
public static class NodeOptions
{
    private static readonly Option[] s_done =
    [
        new("help", null, "Print this."),
        new("version", null, "Print the version."),
        new(
            "datadir",
            "dir",
            $"Where to keep files; must exist. Default: {Currency.Names.Directory} in the home directory.",
            OptionRules.StaysOn),
        .. ConfigFile.Options,
        new(
            "settings",
            "file",
            "Where settings that are changed while the node runs are kept, relative to the network's data directory or "
                + "absolute. Default: settings.json."),
        new("allowignoredconf", null, "A configuration file that is ignored is a warning, not an error."),
        new("blocksdir", "dir", "Where the block files are. Default: the data directory."),
        new("blocksxor", null, "Obfuscate new block files. Default: 1."),
        new("loadblock", "file", "Take the blocks of a block file. May be given several times."),
        new("reindex", null, "Make the index and the coins anew from the block files."),
        new("reindex-chainstate", null, "Make the coins anew from the blocks."),
        new("prune", "n", "Delete old block files: 1 on request, from 550 on to stay below so many MiB. Default: 0."),
        new("fastprune", null, "Small block files, and pruning from low heights on (for tests)."),
        new("dbcache", "n", "Memory for coins, in MiB, at least 4. Default: 450."),
        new(
            "par",
            "n",
            "Threads that check scripts; 0 for all processors, less than that for all but so many. Default: 0."),
        new("assumevalid", "hash", "Believe the scripts below this block; 0 for none."),
        new("minimumchainwork", "hex", "The work that the chain must show."),
        new("maxtipage", "seconds", "How old the tip may be for the node to believe to be up to date. Default: 86400."),
        new("stopatheight", "n", "End at this height."),
        new("stopafterblockimport", null, "End after the import of blocks."),
        new(
            "testactivationheight",
            "name@height",
            "Let a rule hold from a height on (regtest only): segwit, bip34, dersig, cltv, csv."),
        new("vbparams", "deployment:start:end", "The times of a deployment (regtest only)."),
        new(
            "test",
            "option",
            "Change a rule (regtest only): bip94, addrman, reindex_after_failure_noninteractive_yes."),
        new("signetchallenge", "script", "The challenge of another signet.", OptionRules.StaysOn),
        new("signetseednode", "host", "Where to look for peers of another signet.", OptionRules.StaysOn),
        new("txindex", null, "Keep an index of all transactions. Default: 0."),
        new("blockfilterindex", "type", "Keep an index of block filters: basic. Default: 0."),
        new("coinstatsindex", null, "Keep an index of the statistics of coins. Default: 0."),
        new("txospenderindex", null, "Keep an index of who spent an output. Default: 0."),
        new("generate", "n", "Mine n blocks after the start (regtest only)."),
        new("blockmaxweight", "n", "The weight of new blocks. Default: 4000000."),
        new("blockreservedweight", "n", "The part of it for the header and the coinbase. Default: 8000."),
        new(
            "blockmintxfee",
            "amount",
            $"The least fee rate in new blocks, in {Currency.Names.Unit} for 1,000 virtual bytes. Default: 0.00000001."),
        new("blockversion", "n", "The version of new blocks (for tests)."),
        new("maxmempool", "n", "Memory for transactions that wait, in megabytes. Default: 300."),
        new("mempoolexpiry", "hours", "How long transactions wait. Default: 336."),
        new(
            "minrelaytxfee",
            "amount",
            $"The least fee rate that is taken, in {Currency.Names.Unit} for 1,000 virtual bytes. Default: 0.000001."),
        new("incrementalrelayfee", "amount", "The fee rate of what a replacement costs others. Default: 0.000001."),
        new("dustrelayfee", "amount", "The fee rate that says what is dust. Default: 0.00003."),
        new("acceptnonstdtxn", null, "Take valid transactions of any form (test networks only). Default: 0."),
        new("permitbaremultisig", null, "Take transactions that pay to several keys without a hash. Default: 1."),
        new("datacarrier", null, "Take transactions with data. Default: 1."),
        new("datacarriersize", "n", "How many bytes of data. Default: 100000."),
        new("bytespersigop", "n", "How many bytes a signature counts as. Default: 20."),
        new("limitclustercount", "n", "How many transactions may hang together, 1 to 64. Default: 64."),
        new("limitclustersize", "n", "How large they may be together, in thousands of virtual bytes. Default: 101."),
        new("persistmempool", null, "Keep the transactions that wait over a restart. Default: 1."),
        new("persistmempoolv1", null, "Keep them in the first version of the file's form. Default: 0."),
        new("checkmempool", "n", "Look for contradictions in the pool, once in n changes. Default: 0."),
        new("checkblockindex", "n", "Look for contradictions among the blocks, once in n changes. Default: 0."),
        new("checkblocks", "n", "How many blocks to check at the start. Default: 6."),
        new("checklevel", "n", "How thoroughly, 0 to 4. Default: 3."),
        new("checkaddrman", "n", "Check the book of addresses, in one of n operations. Default: 0, for never."),
        new("disablewallet", null, "Have no wallets."),
        new("wallet", "name", "Load this wallet at the start. May be given several times."),
        new("walletdir", "dir", "Where the wallets are. Default: wallets, in the network's data directory."),
        new("mocktime", "n", "Stand still at this time, in seconds since 1970 (regtest only)."),
        new("server", null, "Serve JSON-RPC. Default: 1 without a user interface."),
        new("rest", null, "Serve public data over REST. Default: 0."),
        new(
            "rpcbind",
            "address",
            "Serve JSON-RPC here: a loopback address, with a port or without. May be given several times. Default: "
                + "127.0.0.1."),
        new(
            "rpcport",
            "port",
            "Serve JSON-RPC at this port. Default: 8332, testnet 18332, testnet4 48332, signet 38332, regtest 18443."),
        new("rpcallowip", "ip", "Whom to serve: an address, or a network. May be given several times."),
        new("rpcuser", "user", "A user of JSON-RPC, beside the one of the cookie file.", OptionRules.Secret),
        new("rpcpassword", "password", "The user's password.", OptionRules.Secret),
        new(
            "rpcauth",
            "user:salt$hash",
            "A user of JSON-RPC whose password is not written down: the hash is the HMAC-SHA-256 of the password under "
                + "the salt, in hexadecimal digits. May be given several times.",
            OptionRules.Secret),
        new("rpcwhitelist", "user:methods", "What a user may call. May be given several times."),
        new("rpcwhitelistdefault", null, "Whether users without a list may call nothing."),
        new(
            "rpccookiefile",
            "file",
            "Where the cookie is, relative to the network's data directory or absolute. Default: .cookie."),
        new("rpccookieperms", "who", "Who may read the cookie: owner, group or all. Default: owner."),
        new("rpcthreads", "n", "Run so many JSON-RPC methods at a time. Default: 16."),
        new("rpcworkqueue", "n", "Let so many JSON-RPC requests wait. Default: 64."),
        new("rpcservertimeout", "seconds", "How long a connection may be idle. Default: 30."),
        new("rpcdoccheck", null, "Compare results with their description (for tests). Default: 0."),
        new("deprecatedrpc", "method", "Allow what is going to end. May be given several times."),
        new("printtoconsole", null, "Print the log. Default: 1."),
        new(
            "debug",
            "category",
            "Log this category; \"ipc\" shows every call between processes. May be given several times."),
        new("debugexclude", "category", "Do not log this category, though all are. May be given several times."),
        new(
            "debuglogfile",
            "file",
            "The log, relative to the network's data directory or absolute; -nodebuglogfile for none. Default: "
                + "debug.log."),
        new(
            "loglevel",
            "level",
            "What to log of the categories: debug or trace, or category:level. May be given several times.",
            OptionRules.StaysOn | OptionRules.NeedsValue),
        new("loglevelalways", null, "Begin all lines with category and level. Default: 0."),
        new("logips", null, "Log the addresses of peers. Default: 0."),
        new("logtimestamps", null, "Begin lines with the time. Default: 1."),
        new(
            "logtimemicros",
            null,
            "With microseconds. Default: 1: the logs of several processes are put in order by it."),
        new("logthreadnames", null, "Name the thread. Default: 0."),
        new("logsourcelocations", null, "Taken, and without an effect: the lines name no places in the source."),
        new("logratelimit", null, "Hold back what would fill the disk. Default: 1."),
        new("shrinkdebugfile", null, "Make a large log smaller at the start. Default: 1 without -debug."),
        new("help-debug", null, "Print the options for tests too."),
        new("uacomment", "text", "A remark behind the program's name that peers see. May be given several times."),
        new(
            "pid",
            "file",
            $"Where the process's id is, relative to the network's data directory or absolute. Default: "
                + $"{Currency.Names.Daemon}.pid."),
        new("daemon", null, "Run in the background, without a log on the console (Linux). Default: 0."),
        new("daemonwait", null, "The same, and return only when the start has succeeded or failed. Default: 0."),
        new("alertnotify", "command", "Run this when something is wrong; %s is what."),
        new("blocknotify", "command", "Run this at each new tip; %s is its hash."),
        new("startupnotify", "command", "Run this after the start."),
        new("shutdownnotify", "command", "Run this at the end, and wait for it. May be given several times."),
        new(
            "port",
            "port",
            "Serve peers at this port. Default: 8333, testnet 18333, testnet4 48333, signet 38333, regtest 18444."),
        new("bind", "address", "Serve peers here, with a port or without. May be given several times."),
        new("whitebind", "permissions@address", "Serve trusted peers here. May be given several times."),
        new("whitelist", "permissions@address", "Trust peers from there. May be given several times."),
        new(
            "whitelistforcerelay",
            null,
            "Pass on what trusted peers send, though the pool does not want it. Default: 0."),
        new("whitelistrelay", null, "Take transactions of trusted peers even with -blocksonly. Default: 1."),
        new("listen", null, "Serve peers. Default: 1, but 0 with -connect or -maxconnections=0."),
        new("connect", "host", "Connect to these peers only; 0 for none. May be given several times."),
        new("addnode", "host", "Connect to this peer, and stay connected. May be given several times."),
        new("seednode", "host", "Ask this peer for addresses of others. May be given several times."),
        new("maxconnections", "n", "How many peers. Default: 125."),
        new("inboundrelaypercent", "n", "How many of the inbound peers may be told of transactions. Default: 50."),
        new("maxreceivebuffer", "n", "Memory for what a peer sent, in thousands of bytes. Default: 5000."),
        new("maxsendbuffer", "n", "Memory for what a peer is sent. Default: 1000."),
        new("maxuploadtarget", "n", "How much to send in a day. Default: 0, for no limit."),
        new("timeout", "n", "How long to wait for a connection, in milliseconds. Default: 5000."),
        new("peertimeout", "n", "How long a peer may be silent, in seconds. Default: 60."),
        new("networkactive", null, "Have peers at all. Default: 1."),
        new(
            "onlynet",
            "net",
            "Connect to this network only: ipv4, ipv6, onion, i2p or cjdns. May be given several times."),
        new(
            "asmap",
            "file",
            "Group addresses by the operator of their network, from this file, relative to the network's data "
                + "directory or absolute. Default: by prefix."),
        new("bantime", "seconds", "How long a ban holds. Default: 86400."),
        new("blocksonly", null, "Take no transactions of peers. Default: 0."),
        new("txsendrate", "n", "How many transactions to announce to inbound peers in a second. Default: 14."),
        new("txreconciliation", null, "Agree with peers to reconcile announcements (BIP330). Default: 0."),
        new("peerbloomfilters", null, "Serve bloom filters. Default: 0."),
        new("peerblockfilters", null, "Serve block filters. Default: 0."),
        new(
            "blockreconstructionextratxn",
            "n",
            "How many refused transactions to keep for compact blocks. Default: 100."),
        new(
            "proxy",
            "address",
            "Connect through this SOCKS5 proxy: an address with a port, or unix:<path>; with =network behind it for "
                + "that network only. May be given several times.",
            OptionRules.NeedsValue),
        new("proxyrandomize", null, "Ask a proxy for each connection under a name of its own. Default: 1."),
        new("onion", "address", "Connect to peers of Tor through this proxy; 0 for not at all. Default: -proxy."),
        new(
            "listenonion",
            null,
            "Ask Tor for an address, at which its users reach this node. Default: 1, but 0 where the node does not "
                + "listen."),
        new("i2psam", "address", "The router of the network I2P, at its port for SAM 3.1."),
        new("i2pacceptincoming", null, "Let peers of I2P connect, at an address that stays the same. Default: 1."),
        new("torcontrol", "address", "Tor's control port. Default: 127.0.0.1:9051."),
        new("torpassword", "password", "The password of Tor's control port.", OptionRules.Secret),
        new("cjdnsreachable", null, "Addresses of fc00::/8 lead to CJDNS. Default: 0."),
        new(
            "privatebroadcast",
            null,
            "Give the transactions of sendrawtransaction to single peers over Tor or I2P. Default: 0."),
        new("v2transport", null, "Encrypt connections to nodes that can do so (BIP324). Default: 1."),
        new("externalip", "ip", "This node's own address. May be given several times."),
        new("discover", null, "Find out this node's own addresses. Default: 1."),
        new("dns", null, "Look names up. Default: 1."),
        new("dnsseed", null, "Ask name servers for peers. Default: 1, but 0 with -connect or -maxconnections=0."),
        new("forcednsseed", null, "Ask them always. Default: 0."),
        new("fixedseeds", null, "Use built-in addresses of peers. Default: 1."),
        new("capturemessages", null, "Write all messages of peers to files. Default: 0."),
        new("maxsigcachesize", "n", "Memory for signatures that were good, in MiB."),
        new("prevoutfetchthreads", "n", "Threads that fetch coins ahead."),
        new("acceptstalefeeestimates", null, "Use old estimates of fees. Default: 0."),
        new("printpriority", null, "Log the fee rates of new blocks. Default: 0."),
        new("dbbatchsize", "n", "How much to write at once, in bytes."),
        new("unsafesqlitesync", null, "Do not wait for the disk in wallets. Default: 0."),
    ];

    // Bitcoin Core's names. Most of them are for features that these programs lack, or for other networks.
    private static readonly string[] s_undone =
    [
        "natpmp", "signer", "checkpoints",
    ];

    // Options in the list above that clients and tests use, but that have no effect here.
    private static readonly string[] s_withoutEffect =
    [
        "rpcdoccheck",
        "dbbatchsize", "maxsigcachesize", "prevoutfetchthreads",
        "maxreceivebuffer", "printpriority", "signetseednode",
    ];

    // Options that are passed on to the wallets.
    private static readonly string[] s_walletOnly =
    [
        "addresstype", "avoidpartialspends", "changetype", "consolidatefeerate", "discardfee", "fallbackfee", "keypool",
        "limitancestorcount", "limitancestorsize", "limitdescendantcount", "limitdescendantsize",
        "maxapsfee", "maxtxfee", "mintxfee", "spendzeroconfchange", "txconfirmtarget", "walletbroadcast",
        "walletcrosschain", "walletnotify", "walletrbf", "walletrejectlongchains",
    ];

    /// <summary>All options.</summary>
    public static IReadOnlyList<Option> Own { get; } =
    [
        .. s_done,
        .. Zmq.ZmqOptions.All,
        .. s_undone.Select(
            static name => new Option(
                name,
                "value",
                $"Known to {ClientName.Text}; not done here: the start says so where it is set.")),
        .. s_walletOnly.Select(static name => new Option(name, "value", $"For wallets, as in {ClientName.Text}.")),
    ];

    /// <summary>Those options that are for wallets, as they were given.</summary>
    internal static Dictionary<string, string> OfWallets(Settings settings)
    {
        Dictionary<string, string> given = [];
        foreach (string name in s_walletOnly.Concat(["walletdir", "blocksonly", "unsafesqlitesync"]))
        {
            if (settings.Last(name) is { } value)
            {
                given[name] = value;
            }
        }

        return given;
    }

    /// <summary>The given options that have no effect.</summary>
    public static IEnumerable<string> Undone(Settings settings)
        => s_undone.Concat(s_withoutEffect).Where(settings.IsGiven);
}
