using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Rpc;

/// <summary>The methods that every server has.</summary>
public static class ControlCommands
{
    private const string Category = "Control";

    /// <summary>Adds them to a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="logPath">The path of the log; empty for none.</param>
    /// <param name="started">When the process was started.</param>
    /// <param name="stop">Asks the process to end.</param>
    public static void Register(RpcTable table, DebugLog log, string logPath, DateTimeOffset started, Action stop)
    {
        table.Register(
            new RpcCommand(
                Category,
                "help",
                [new("command", RpcType.Text, IsOptional: true)],
                "List all commands, or get help for a specified command.",
                call => Help(table, call)));
        table.Register(
            new RpcCommand(
                Category,
                "stop",
                [new("wait", RpcType.Number, IsOptional: true, IsHidden: true)],
                "Request a graceful shutdown.",
                _ =>
                {
                    stop();
                    return $"{Currency.Names.Currency} stopping";
                }));
        table.Register(
            new RpcCommand(
                Category,
                "uptime",
                [],
                "Returns the total uptime of the server, in seconds.",
                _ => (long)(DateTimeOffset.UtcNow - started).TotalSeconds));
        table.Register(
            new RpcCommand(
                Category,
                "getrpcinfo",
                [],
                "Returns details of the RPC server.",
                _ => new JsonObject
                {
                    ["active_commands"] = new JsonArray([.. table.Running.Select(static running => new JsonObject
                    {
                        ["method"] = running.Method,
                        ["duration"] = (long)running.Duration.TotalMicroseconds,
                    })]),
                    ["logpath"] = logPath,
                }));
        table.Register(
            new RpcCommand(
                Category,
                "getopenrpcinfo",
                [new("show_hidden", RpcType.Bool, IsOptional: true)],
                "Returns an OpenRPC document for currently available RPC commands.",
                call => OpenRpc.Describe(table, call.Bool(0))));
        table.Register(
            new RpcCommand(
                Category,
                OpenRpc.DiscoveryMethod,
                [],
                "Returns an OpenRPC schema as a description of this service.",
                _ => OpenRpc.Describe(table, withHidden: false)));
        table.Register(
            new RpcCommand(
                Category,
                "logging",
                [new("include", RpcType.List, IsOptional: true), new("exclude", RpcType.List, IsOptional: true)],
                $"Gets and sets the logging configuration.\nThe valid logging categories are: "
                    + $"{string.Join(", ", DebugLog.KnownCategories)}",
                call => Logging(log, call)));
        table.Register(
            new RpcCommand(
                RpcHelp.HiddenCategory,
                "echojson",
                [.. Enumerable.Range(0, 10).Select(
                    static i => new RpcArgument($"arg{i}", RpcType.Unchecked, IsOptional: true))],
                $"Simply echo back the input arguments. This command is for testing.\nThe difference between echo and echojson is that echojson has argument conversion enabled in the client-side table in\n{Currency.Names.Program("cli")}. There is no server-side difference.",
                Echo));
        table.Register(
            new RpcCommand(
                RpcHelp.HiddenCategory,
                "echo",
                [.. Enumerable.Range(0, 10).Select(
                    static i => new RpcArgument($"arg{i}", RpcType.Unchecked, IsOptional: true))],
                $"Simply echo back the input arguments. This command is for testing.",
                Echo));
    }

    private static JsonNode Help(RpcTable table, RpcCall call)
    {
        string name = call.Text(0);
        if (name == "dump_all_command_conversions")
        {
            return RpcHelp.Conversions(table);
        }

        return name.Length == 0
            ? RpcHelp.Of(table)
            : table.Find(name) is { } command
            ? RpcHelp.Of(command)
            : $"help: unknown command: {name}";
    }

    private static JsonArray Echo(RpcCall call)
    {
        if (call.Params.Length > 9
            && call.Params[9] is JsonValue last
            && last.TryGetValue(out string? trigger)
            && trigger == "trigger_internal_bug")
        {
            throw new RpcException(
                RpcErrorCode.Misc, "Internal bug detected: request.params[9].get_str() != \"trigger_internal_bug\"");
        }

        int count = call.Given;
        return [.. call.Params.Take(count).Select(static value => value?.DeepClone())];
    }

    private static JsonObject Logging(DebugLog log, RpcCall call)
    {
        Switch(call.Params[0], on: true);
        Switch(call.Params[1], on: false);
        return new JsonObject(
            DebugLog.KnownCategories.Select(
                category => KeyValuePair.Create(category, (JsonNode?)log.IsEnabled(category))));

        void Switch(JsonNode? categories, bool on)
        {
            foreach (string category in categories?.AsArray().Select(static value => value?.ToString() ?? "") ?? [])
            {
                if (category == DebugLog.DeprecatedCategory)
                {
                    log.Warn(
                        $"The logging category `{category}` is deprecated, does nothing, and will be removed in a "
                            + $"future version");
                    continue;
                }

                IEnumerable<string> names = category is "all" or "1" or "" ? DebugLog.KnownCategories : [category];
                foreach (string name in names)
                {
                    if (!DebugLog.KnownCategories.Contains(name))
                    {
                        throw new RpcException(RpcErrorCode.InvalidParameter, $"unknown logging category {category}");
                    }

                    log.Switch(name, on);
                }
            }
        }
    }
}
