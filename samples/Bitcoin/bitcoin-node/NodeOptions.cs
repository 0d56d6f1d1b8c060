using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.NodeHost;

/// <summary>What the node was asked to do.</summary>
internal sealed record NodeOptions(NetworkParameters Network, string DataDirectory)
{
    private static readonly Option[] s_options =
    [
        new("help", null, "Print this."),
        .. NetworkOption.Options,
        new("datadir", "dir", "Where to keep files: the log, the socket. Default: .bitcoin-multiprocess in the home directory."),
        new("loadblock", "file", "Take the blocks of a block file. May be given several times."),
        new("generate", "n", "Mine n blocks after the start (regtest only)."),
        new("ipcbind", "address", "Serve other programs: unix, or unix:<path>, relative to the network's data directory or absolute. May be given several times. Access to the socket is full access to the node."),
        new("disablewallet", null, "Start no wallet process."),
        new("multiprocess", null, "Run the wallet in a process of its own. Default: 1; with 0 it is an object in this one."),
        new("printtoconsole", null, "Print the log. Default: 1; 0 with -demo."),
        new("debug", "category", "Log this category; \"ipc\" shows every call between processes. May be given several times."),
        new("demo", null, "Tell a story of a node and its wallet on regtest, and end."),
    ];

    internal static string HelpText => CommandLine.Help("bitcoin-node [options]", s_options);

    internal bool Help { get; private init; }

    internal bool Demo { get; private init; }

    internal bool PrintToConsole { get; private init; }

    internal bool WalletEnabled { get; private init; }

    internal bool WalletInOwnProcess { get; private init; }

    internal int BlocksToGenerate { get; private init; }

    internal IReadOnlyList<string> BlockFiles { get; private init; } = [];

    internal IReadOnlyList<string> Addresses { get; private init; } = [];

    internal IReadOnlyList<string> DebugCategories { get; private init; } = [];

    internal static bool TryParse(string[] args, [NotNullWhen(true)] out NodeOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        if (!CommandLine.TryParse(args, s_options, out CommandLine? line, out error))
        {
            error = $"Error parsing command line arguments: {error}";
            return false;
        }

        if (line.Words.Count > 0)
        {
            error = $"Command line contains unexpected token '{line.Words[0]}', see bitcoin-node -help for a list of options.";
            return false;
        }

        if (!NetworkOption.TryChoose(line, out NetworkParameters? network, out error)
            || !TryParseCount(line.Last("generate") ?? "0", out int generate, out error))
        {
            return false;
        }

        bool demo = line.IsOn("demo");
        if ((demo || generate > 0) && network != NetworkParameters.Regtest)
        {
            error = "-demo and -generate mine blocks, which takes a moment on regtest only: add -regtest.";
            return false;
        }

        string directory = Hosting.DataDirectory.ForNetwork(line.Last("datadir"), network);
        List<string> addresses = [];
        foreach (string value in line.All("ipcbind").Where(static value => !SocketOption.IsNone(value)))
        {
            if (!SocketOption.TryResolve(value, directory, out string? address, out error))
            {
                return false;
            }

            addresses.Add(address);
        }

        options = new NodeOptions(network, directory)
        {
            Help = line.IsOn("help"),
            Demo = demo,
            PrintToConsole = line.IsOn("printtoconsole", byDefault: !demo),
            WalletEnabled = !line.IsOn("disablewallet"),
            WalletInOwnProcess = line.IsOn("multiprocess", byDefault: true),
            BlocksToGenerate = generate,
            BlockFiles = line.All("loadblock"),
            Addresses = addresses,
            DebugCategories = line.All("debug"),
        };
        return true;
    }

    private static bool TryParseCount(string text, out int count, [NotNullWhen(false)] out string? error)
    {
        bool good = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
        error = good ? null : $"-generate: expected a number, came '{text}'.";
        return good;
    }
}
