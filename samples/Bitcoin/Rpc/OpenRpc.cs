using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>Describes the methods of a server as an OpenRPC document.</summary>
public static class OpenRpc
{
    /// <summary>The method that the OpenRPC specification reserves for the document.</summary>
    public const string DiscoveryMethod = "rpc.discover";

    private const string Version = "1.4.1";

    /// <summary>The document. Results have no schema: any value is possible.</summary>
    /// <param name="table">The methods.</param>
    /// <param name="withHidden">Whether to describe the methods for tests too, which help does not list.</param>
    public static JsonObject Describe(RpcTable table, bool withHidden)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new JsonObject
        {
            ["openrpc"] = Version,
            ["info"] = new JsonObject
            {
                ["title"] = $"{ClientName.Text} JSON-RPC API", ["version"] = ClientName.Release,
            },
            ["methods"] = new JsonArray(
            [
                .. table.Commands.Where(command => withHidden || command.Category != RpcHelp.HiddenCategory)
                    .OrderBy(static command => command.Name, StringComparer.Ordinal)
                    .Select(command => Method(command, withHidden)),
            ]),
        };
    }

    private static JsonObject Method(RpcCommand command, bool withHidden) => new()
    {
        ["name"] = command.Name,
        ["summary"] = command.Help.Split('\n')[0],
        ["description"] = command.Help,
        ["tags"] = new JsonArray(new JsonObject { ["name"] = command.Category }),
        ["paramStructure"] = "either",
        ["params"] = new JsonArray(
        [
            .. command.Arguments.Where(argument => withHidden || !argument.IsHidden).Select(Parameter),
        ]),
        ["result"] = new JsonObject { ["name"] = "result", ["schema"] = new JsonObject() },
    };

    private static JsonObject Parameter(RpcArgument argument)
    {
        JsonObject schema = Schema(argument.Type);
        if (argument.Members is { } members)
        {
            schema["properties"] = new JsonObject(
                members.Select(static member => KeyValuePair.Create(member.Name, (JsonNode?)Schema(member.Type))));
        }

        string[] names = argument.Name.Split('|');
        JsonObject result = new() { ["name"] = names[0], ["required"] = !argument.IsOptional, ["schema"] = schema };
        if (names.Length > 1)
        {
            result["x-aliases"] = new JsonArray([.. names[1..].Select(static name => (JsonNode)name)]);
        }

        return result;
    }

    private static JsonObject Schema(RpcType type)
    {
        string? name = type switch
        {
            RpcType.Text => "string",
            RpcType.Number => "number",
            RpcType.Bool => "boolean",
            RpcType.List => "array",
            RpcType.Map => "object",
            _ => null,
        };
        return name is null ? [] : new JsonObject { ["type"] = name };
    }
}
