using Bitcoin.Hosting;
using Multiprocess;

namespace Bitcoin.Wrapper;

/// <summary>The program that a command means.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record Choice(string Program, IReadOnlyList<string> Arguments)
{
    private const string Usage =
        """
        Usage: bitcoin [-m|-M] <command> [options]

        Runs the program that a command stands for.

          -m, --multiprocess  Run the program whose parts are processes of their own.
          -M, --monolithic    Run the program that is one process. Default, unless an -ipc option is given.

        Commands:

          gui     A node with a user interface: bitcoin-qt, or bitcoin-gui
          node    A node: bitcoind, or bitcoin-node
          rpc     Ask a node: bitcoin-cli -named
          wallet  Wallets on a node that runs: bitcoin-wallet
          help    Print this
        """;

    /// <summary>The program and its arguments; or null, and the text to print instead.</summary>
    internal static Choice? Make(string[] args, out string text)
    {
        text = Usage;
        bool? multiprocess = null;
        int i = 0;
        for (; i < args.Length && args[i].StartsWith('-'); i++)
        {
            switch (args[i])
            {
                case "-m" or "--multiprocess":
                    multiprocess = true;
                    break;
                case "-M" or "--monolithic":
                    multiprocess = false;
                    break;
                case "-h" or "-help" or "--help":
                    return null;
                default:
                    text =
                        $"Error: Unknown option: {IpcText.Escape(args[i])}\nTry 'bitcoin --help' for more information.";
                    return null;
            }
        }

        if (i == args.Length)
        {
            return null;
        }

        string[] rest = args[(i + 1)..];
        bool many = multiprocess ?? HasIpcOption(rest);
        switch (args[i])
        {
            case "node":
                return new Choice(many ? "bitcoin-node" : "bitcoind", rest);
            case "gui":
                return new Choice(many ? "bitcoin-gui" : "bitcoin-qt", rest);
            case "rpc":
                return new Choice("bitcoin-cli", ["-named", .. rest]);
            case "wallet":
                return new Choice("bitcoin-wallet", rest);
            case "help":
                return null;
            default:
                text =
                    $"Error: Unrecognized command: '{IpcText.Escape(args[i])}'\nTry 'bitcoin --help' for more "
                        + $"information.";
                return null;
        }
    }

    /// <summary>Whether an -ipc option is on, on the command line or in the configuration file.</summary>
    private static bool HasIpcOption(string[] args)
    {
        // All other options belong to the program, which reports unknown ones itself.
        Option[] own =
            [
                new("datadir", "dir", ""),
                .. ConfigFile.Options,
                .. NetworkOption.Options,
                new("ipcbind", "address", ""),
                new("ipcconnect", "address", ""),
            ];
        string[] known =
            [
                .. args.Where(
                    arg => arg.StartsWith('-') && own.Any(
                        option => Name(arg) == option.Name || Name(arg) == "no" + option.Name)),
            ];
        return CommandLine.TryParse(known, own, out CommandLine? line, out _)
            && Settings.TryMake(line, own, out Settings? settings, out _)
            && (settings.All("ipcbind").Count > 0 || settings.All("ipcconnect").Count > 0);
    }

    private static string Name(string arg) => arg.TrimStart('-').Split('=')[0];
}
