using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Multiprocess;

namespace Bitcoin.Cli;

/// <summary>Sends a request to a node and prints the answer, as Bitcoin Core's client does.</summary>
internal static class CliProgram
{
    private static readonly string s_user = Currency.Names.Program("cli");

    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);

    private static readonly Option[] s_options =
    [
        new("help", null, "Print this."),
        .. NetworkOption.Options,
        new("datadir", "dir", "The node's data directory."),
        .. ConfigFile.Options,
        new("version", null, "Print the version."),
        new("netinfo", "level", "Print the node's connections; with a level of 1 to 4 and by one, as words behind it."),
        new(
            "color",
            "when",
            "Whether -getinfo has colours: always, auto (on a terminal), never. Default: auto.",
            OptionRules.StaysOn),
        new("rpcid", "id", "The id of the request. Default: 1.", OptionRules.StaysOn | OptionRules.NeedsValue),
        new("rpcwaittimeout", "n", "How many seconds -rpcwait waits, 0 for ever. Default: 0.", OptionRules.StaysOn),
        new(
            "stdinrpcpass",
            null,
            "Read the password from standard input, from its first line where -stdin reads on behind it."),
        new("getinfo", null, "Print what there is to know of the node and its wallets at a glance."),
        new(
            "generate",
            null,
            "Mine blocks to a new address of the wallet; with their number and how many nonces to try, as words behind "
                + "it. Default: 1 block."),
        new("named", null, "Pass named instead of positional arguments."),
        new("stdin", null, "Read extra arguments from standard input, one a line."),
        new("rpcwallet", "name", "Ask this wallet."),
        new("rpcwait", null, "Wait for the node to start."),
        new("rpcconnect", "host", "The node's host. Default: 127.0.0.1."),
        new("rpcport", "port", "The node's port."),
        new("rpcuser", "user", "Who asks, instead of the cookie's user."),
        new("rpcpassword", "password", "The password."),
        new("rpccookiefile", "file", "Where the cookie is."),
        new("rpcclienttimeout", "n", "How many seconds to wait for an answer, 0 for ever. Default: 900."),
        new("debug", "category", "Log this category to the error output; \"ipc\" shows every call."),
        .. CliIpc.Options,
    ];

    // Options that stand instead of a command.
    private static readonly string[] s_exclusive = ["getinfo", "netinfo", "generate"];

    internal static int Run(string[] args)
    {
        if (!CommandLine.TryParse(args, s_options, out CommandLine? line, out string? error))
        {
            Console.Error.WriteLine($"Error parsing command line arguments: {IpcText.Escape(error)}");
            return 1;
        }

        if (line.WantsHelp)
        {
            Console.WriteLine(CommandLine.Help($"{s_user} [options] <command> [params]", s_options));
            return 0;
        }

        if (line.IsOn("version"))
        {
            Console.WriteLine(ClientName.Version("RPC client", s_user));
            return 0;
        }

        string[] exclusive = [.. s_exclusive.Where(name => line.IsOn(name)).Select(static name => $"-{name}")];
        if (exclusive.Length > 1)
        {
            Console.Error.WriteLine($"error: Only one of {string.Join(", ", exclusive)} may be specified.");
            return 1;
        }

        if (!Settings.TryMake(line, s_options, out Settings? settings, out error))
        {
            Console.Error.WriteLine($"Error: {IpcText.Escape(error)}");
            return 1;
        }

        using DebugLog log = new();
        log.Open(null, Console.Error, line.All("debug"));
        try
        {
            return Show(AskUntilStarted(line, settings, log));
        }
        catch (CliException exception) when (exception.Code != 1)
        {
            Console.Error.WriteLine(IpcText.EscapeLines(exception.Message));
            return exception.Code;
        }
        catch (Exception exception) when (exception is CliException or HostException)
        {
            Console.Error.WriteLine($"error: {IpcText.EscapeLines(exception.Message)}");
            return 1;
        }
    }

    private static JsonNode? AskUntilStarted(CommandLine line, Settings settings, DebugLog log)
    {
        string uri = settings.All("rpcwallet") is [.., { } wallet] ? $"/wallet/{Uri.EscapeDataString(wallet)}" : "/";
        Func<JsonNode?> ask;
        if (settings.IsOn("stdinrpcpass"))
        {
            string password = Console.In.ReadLine()
                ?? throw new CliException("-stdinrpcpass specified but failed to read from standard input");
            settings = settings.With("rpcpassword", password);
        }

        if (settings.Last("netinfo") is { } level && level != "0")
        {
            NetInfo info = NetInfo.From(
                [.. level.Length == 0 ? [] : (string[])[level], .. line.Words], settings.Network.Name);
            ask = () => info.Run(batch => Ask(batch, uri, settings, log));
        }
        else if (settings.IsOn("getinfo"))
        {
            bool hasColours = settings.Last("color") switch
            {
                null or "auto" => !Console.IsOutputRedirected,
                "always" => true,
                "never" => false,
                _ => throw new CliException("Invalid value for -color option. Valid values: always, auto, never."),
            };
            GetInfo info = new((batch, path) => Ask(batch, path, settings, log), hasColours);
            ask = line.Words.Count == 0 ? () => info.Run(uri) : throw new CliException("-getinfo takes no arguments");
        }
        else if (settings.IsOn("generate"))
        {
            Generate generate = new(line.Words);
            ask = () => generate.Run(request => Ask(request, uri, settings, log));
        }
        else
        {
            JsonObject request = MakeRequest(line, settings);
            ask = () => Ask(request, uri, settings, log);
        }

        bool waits = settings.IsOn("rpcwait");
        long patience = long.TryParse(
            settings.Last("rpcwaittimeout"), System.Globalization.CultureInfo.InvariantCulture, out long seconds)
            ? seconds * 1000
            : 0;
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                JsonNode? reply = ask();
                if (!waits || reply?["error"]?["code"]?.GetValue<int>() != RpcErrorCode.InWarmup)
                {
                    return reply;
                }
            }
            catch (CliException exception) when (waits && exception.CanRetry)
            {
                // The node has not come so far yet.
                if (patience > 0 && Environment.TickCount64 - start >= patience)
                {
                    throw new CliException($"timeout on transient error: {exception.Message}");
                }
            }

            Thread.Sleep(s_retryDelay);
        }
    }

    private static JsonNode? Ask(JsonNode request, string uri, Settings settings, DebugLog log)
    {
        string? connect = settings.Last("ipcconnect");
        bool isHttp = settings.Last("rpcconnect") is not (null or "0");
        if (isHttp && connect is not (null or "0" or "auto"))
        {
            throw new CliException("-rpcconnect and -ipcconnect options cannot both be enabled");
        }

        IIpc? ipc = isHttp ? null : CliIpc.Make(log);
        if (Connect(ipc, connect ?? "auto", settings) is not { } node)
        {
            return HttpTransport.Ask(request, uri, settings);
        }

        using (node)
        {
            try
            {
                IRpc rpc = node.Init.MakeRpc()
                    ?? throw new CliException("The process at the other end has no RPC server.");
                return rpc.ExecuteRpc(request, uri, s_user);
            }
            catch (Exception exception) when ((ipc!.IsDisconnection(exception) || node.Closed.IsCancellationRequested)
                && exception is not CliException)
            {
                throw new CliException(exception.Message);
            }
        }
    }

    private static IRemoteProcess? Connect(IIpc? ipc, string address, Settings settings)
    {
        try
        {
            return ipc?.Connect(address, settings);
        }
        catch (HostException exception) when (address.StartsWith("unix", StringComparison.Ordinal)
            && exception.InnerException is { } cause
            && ipc!.IsDisconnection(cause))
        {
            throw new CliException(
                $"Connection refused\n\nProbably {Currency.Names.Program("node")} is not running or not listening on a unix socket. Can be started with:\n\n"
                    + $"    {Currency.Names.Program("node")} -chain={settings.Network.Name} -ipcbind=unix\n\n{exception.Message}");
        }
    }

    private static JsonObject MakeRequest(CommandLine line, Settings settings)
    {
        List<string> words = [.. line.Words];
        if (settings.IsOn("stdin"))
        {
            while (Console.In.ReadLine() is { } word)
            {
                words.Add(word);
            }
        }

        if (words.Count == 0)
        {
            throw new CliException("too few parameters (need at least command)");
        }

        return new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["method"] = words[0],
            ["params"] = settings.IsOn("named")
                ? CliArguments.ByName(words[0], words.Skip(1))
                : CliArguments.ByPosition(words[0], words.Skip(1)),
            ["id"] = settings.Last("rpcid") is { } id ? id : 1,
        };
    }

    private static int Show(JsonNode? reply)
    {
        if (reply?["error"] is JsonObject error)
        {
            int code = error["code"]?.GetValue<int>() ?? 1;
            string advice = code == RpcErrorCode.WalletNotSpecified
                ? " Or for the CLI, specify the \"-rpcwallet=<walletname>\" option before the command "
                    + $"(run \"{s_user} -h\" for help or \"{s_user} listwallets\" to see which wallets are "
                    + "currently loaded)."
                : "";
            Console.Error.WriteLine(
                $"error code: {code}\nerror message:\n{IpcText.EscapeLines(error["message"]?.ToString())}{advice}");

            return Math.Abs(code) & 0xff;
        }

        JsonNode? result = reply?["result"];
        if (result is not null)
        {
            // Text that this program made itself may contain colours.
            bool isOwn = reply?["plain"] is not null;
            Console.WriteLine(result.GetValueKind() != System.Text.Json.JsonValueKind.String ? JsonText.Pretty(result)
                : isOwn ? result.GetValue<string>()
                : IpcText.EscapeLines(result.GetValue<string>()));
        }

        return 0;
    }
}
