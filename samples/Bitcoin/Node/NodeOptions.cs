using Bitcoin.Hosting;

namespace Bitcoin.Node;

/// <summary>The options of every program that has a node in it.</summary>
public static class NodeOptions
{
    /// <summary>All but those of the network and those between processes.</summary>
    public static IReadOnlyList<Option> Own { get; } =
    [
        new("help", null, "Print this."),
        new("datadir", "dir", "Where to keep files; must exist. Default: .bitcoin-multiprocess in the home directory."),
        new("conf", "file", "The configuration file, relative to the data directory or absolute. Default: bitcoin.conf."),
        new("includeconf", "file", "In the configuration file only: read this file too, relative to the data directory or absolute. -noincludeconf does not."),
        new("loadblock", "file", "Take the blocks of a block file. May be given several times."),
        new("generate", "n", "Mine n blocks after the start (regtest only)."),
        new("disablewallet", null, "Have no wallets."),
        new("wallet", "name", "Load this wallet at the start. May be given several times."),
        new("mocktime", "n", "Stand still at this time, in seconds since 1970 (regtest only)."),
        new("server", null, "Serve JSON-RPC. Default: 1 without a user interface."),
        new("rpcbind", "address", "Serve JSON-RPC here: a loopback address, with a port or without. May be given several times. Default: 127.0.0.1."),
        new("rpcport", "port", "Serve JSON-RPC at this port. Default: 8332, testnet 18332, testnet4 48332, signet 38332, regtest 18443."),
        new("rpcuser", "user", "A user of JSON-RPC, beside the one of the cookie file."),
        new("rpcpassword", "password", "The user's password."),
        new("rpcauth", "user:salt$hash", "A user of JSON-RPC whose password is not written down: the hash is the HMAC-SHA-256 of the password under the salt, in hexadecimal digits. May be given several times."),
        new("rpccookiefile", "file", "Where the cookie is, relative to the network's data directory or absolute. Default: .cookie."),
        new("rpcthreads", "n", "Run so many JSON-RPC methods at a time. Default: 16."),
        new("rpcworkqueue", "n", "Let so many JSON-RPC requests wait. Default: 64."),
        new("rpcservertimeout", "n", "Close a connection of JSON-RPC that is silent for so many seconds, or takes as long for its headers. Default: 30."),
        new("printtoconsole", null, "Print the log. Default: 1."),
        new("debug", "category", "Log this category; \"ipc\" shows every call between processes. May be given several times."),
    ];
}
